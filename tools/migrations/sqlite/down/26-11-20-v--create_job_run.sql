DROP TABLE job_run;

UPDATE gamify_version SET version_num = '26_11_20_u' WHERE version_num = '26_11_20_v';
