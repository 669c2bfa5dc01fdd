DROP TABLE practice_day;

UPDATE gamify_version SET version_num = '26_11_20_q' WHERE version_num = '26_11_20_r';
