-- Takes back: the table of services that send events.
-- Data: WARNING: their keys; they must be given new ones.

DROP TABLE IF EXISTS event_client;

UPDATE gamify_version SET version_num = '26_11_23_c' WHERE version_num = '26_11_23_d';
