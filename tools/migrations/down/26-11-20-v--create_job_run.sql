-- Takes back: what the jobs have done.
-- Data: WARNING: all of it goes, so a job may run again for a period that it has done.

DROP TABLE IF EXISTS job_run;

UPDATE gamify_version SET version_num = '26_11_20_u' WHERE version_num = '26_11_20_v';
