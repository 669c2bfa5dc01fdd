DROP TABLE board_score;

UPDATE gamify_version SET version_num = '26_11_20_x' WHERE version_num = '26_11_20_y';
