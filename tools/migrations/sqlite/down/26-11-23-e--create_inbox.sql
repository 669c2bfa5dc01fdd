DROP TABLE inbox_preference;

DROP TABLE inbox_message;

UPDATE gamify_version SET version_num = '26_11_23_d' WHERE version_num = '26_11_23_e';
