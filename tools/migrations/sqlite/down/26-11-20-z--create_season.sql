DROP TABLE season_standing;

DROP TABLE season;

UPDATE gamify_version SET version_num = '26_11_20_y' WHERE version_num = '26_11_20_z';
