DROP TABLE outbox_message;

UPDATE gamify_version SET version_num = '26_11_20_w' WHERE version_num = '26_11_20_x';
