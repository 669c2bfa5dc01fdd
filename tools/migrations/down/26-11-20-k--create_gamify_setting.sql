-- Takes back: the settings.
-- Data: WARNING: all go; up again starts them anew.

DROP TABLE IF EXISTS gamify_setting;

UPDATE gamify_version SET version_num = '26_11_20_j' WHERE version_num = '26_11_20_k';
