DROP TABLE shadow_difference;

DROP TABLE shadow_progress;

UPDATE gamify_version SET version_num = '26_11_20_v' WHERE version_num = '26_11_20_w';
