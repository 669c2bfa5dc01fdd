-- Takes back: the counts of daily goals.
-- Data: how far users are with the goals of today; goals that were reached stay rewarded.

DROP TABLE IF EXISTS daily_count;

UPDATE gamify_version SET version_num = '26_11_22_a' WHERE version_num = '26_11_22_c';
