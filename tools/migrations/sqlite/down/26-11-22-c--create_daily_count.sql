DROP TABLE daily_count;

UPDATE gamify_version SET version_num = '26_11_22_a' WHERE version_num = '26_11_22_c';
