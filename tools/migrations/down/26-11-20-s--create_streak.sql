-- Takes back: the runs of practice days.
-- Data: WARNING: all go, the longest with them. The ledger gives back what it covers.

DROP TABLE IF EXISTS streak;

UPDATE gamify_version SET version_num = '26_11_20_r' WHERE version_num = '26_11_20_s';
