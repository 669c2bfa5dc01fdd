DELETE FROM gamify_setting WHERE name = 'activity_rolled_through';

DROP TABLE activity_day;

UPDATE gamify_version SET version_num = '26_11_20_z' WHERE version_num = '26_11_21_a';
