DROP TABLE webhook_delivery;

DROP TABLE webhook_endpoint;

UPDATE gamify_version SET version_num = '26_11_23_b' WHERE version_num = '26_11_23_c';
