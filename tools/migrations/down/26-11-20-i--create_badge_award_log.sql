-- Takes back: the history of grants.
-- Data: WARNING: all of it goes.

DROP TABLE IF EXISTS badge_award_log;

UPDATE gamify_version SET version_num = '26_11_20_h' WHERE version_num = '26_11_20_i';
