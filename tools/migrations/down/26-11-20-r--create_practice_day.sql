-- Takes back: the ledger of practice.
-- Data: WARNING: all of it goes. Streaks cannot be recomputed without it.

DROP TABLE IF EXISTS practice_day;

UPDATE gamify_version SET version_num = '26_11_20_q' WHERE version_num = '26_11_20_r';
