-- Takes back: the tables of webhooks.
-- Data: WARNING: the endpoints with their secrets, and what was not sent yet.

DROP TABLE IF EXISTS webhook_delivery;

DROP TABLE IF EXISTS webhook_endpoint;

UPDATE gamify_version SET version_num = '26_11_23_b' WHERE version_num = '26_11_23_c';
