-- Takes back: bridges and amnesties.
-- Data: WARNING: all go. Streaks that a bridge kept stay as they are until they are recomputed.

DROP TABLE IF EXISTS streak_bridge;

DROP TABLE IF EXISTS amnesty;

UPDATE gamify_version SET version_num = '26_11_20_s' WHERE version_num = '26_11_20_t';
