-- Takes back: seasons and their standings.
-- Data: WARNING: who stood where goes; badges that were prizes stay.

DROP TABLE IF EXISTS season_standing;

DROP TABLE IF EXISTS season;

UPDATE gamify_version SET version_num = '26_11_20_y' WHERE version_num = '26_11_20_z';
