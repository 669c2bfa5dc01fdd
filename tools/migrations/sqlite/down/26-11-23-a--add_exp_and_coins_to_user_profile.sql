DELETE FROM ledger_entry WHERE asset = 'COINS';

ALTER TABLE user_profile DROP COLUMN coins;
ALTER TABLE user_profile DROP COLUMN best_level;
ALTER TABLE user_profile DROP COLUMN level;
ALTER TABLE user_profile DROP COLUMN exp;

UPDATE gamify_version SET version_num = '26_11_22_c' WHERE version_num = '26_11_23_a';
