-- Takes back: what users own, and how they came by it.
-- Data: WARNING: all of it goes.

DROP TABLE IF EXISTS exp_allowance;

DROP TABLE IF EXISTS ledger_entry;

DROP TABLE IF EXISTS user_profile;

UPDATE gamify_version SET version_num = '26_11_20_t' WHERE version_num = '26_11_20_u';
