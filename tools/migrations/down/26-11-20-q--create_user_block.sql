-- Takes back: the blocks.
-- Data: WARNING: all go, so the blocked find those who blocked them again.

DROP TABLE IF EXISTS user_block;

UPDATE gamify_version SET version_num = '26_11_20_p' WHERE version_num = '26_11_20_q';
