-- Takes back: the inbox, and how users wish to be told.
-- Data: WARNING: what they were told, and their wishes.

DROP TABLE IF EXISTS inbox_preference;

DROP TABLE IF EXISTS inbox_message;

UPDATE gamify_version SET version_num = '26_11_23_d' WHERE version_num = '26_11_23_e';
