-- Takes back: the sums of activity per day, and how far they reach.
-- Data: none is lost for good; the job activity_rollup makes them from the host's rows.

DELETE FROM gamify_setting WHERE name = 'activity_rolled_through';

DROP TABLE IF EXISTS activity_day;

UPDATE gamify_version SET version_num = '26_11_20_z' WHERE version_num = '26_11_21_a';
