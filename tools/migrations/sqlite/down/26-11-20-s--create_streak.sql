DROP TABLE streak;

UPDATE gamify_version SET version_num = '26_11_20_r' WHERE version_num = '26_11_20_s';
