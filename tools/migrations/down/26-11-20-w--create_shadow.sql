-- Takes back: what shadow mode keeps.
-- Data: WARNING: all of it goes; it is only of use while shadow mode is on.

DROP TABLE IF EXISTS shadow_difference;

DROP TABLE IF EXISTS shadow_progress;

UPDATE gamify_version SET version_num = '26_11_20_v' WHERE version_num = '26_11_20_w';
