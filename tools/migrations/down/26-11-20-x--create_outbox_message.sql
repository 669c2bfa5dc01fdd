-- Takes back: the table of what is owed.
-- Data: WARNING: what was not delivered yet never will be.

DROP TABLE IF EXISTS outbox_message;

UPDATE gamify_version SET version_num = '26_11_20_w' WHERE version_num = '26_11_20_x';
