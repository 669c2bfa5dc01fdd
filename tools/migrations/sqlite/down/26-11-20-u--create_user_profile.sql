DROP TABLE exp_allowance;

DROP TABLE ledger_entry;

DROP TABLE user_profile;

UPDATE gamify_version SET version_num = '26_11_20_t' WHERE version_num = '26_11_20_u';
