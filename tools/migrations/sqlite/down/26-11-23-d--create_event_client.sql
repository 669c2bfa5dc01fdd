DROP TABLE event_client;

UPDATE gamify_version SET version_num = '26_11_23_c' WHERE version_num = '26_11_23_d';
