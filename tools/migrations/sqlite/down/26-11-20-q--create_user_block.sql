DROP TABLE user_block;

UPDATE gamify_version SET version_num = '26_11_20_p' WHERE version_num = '26_11_20_q';
