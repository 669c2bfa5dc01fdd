ALTER TABLE user_profile ADD COLUMN exp INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE user_profile ADD COLUMN level INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE user_profile ADD COLUMN best_level INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE user_profile ADD COLUMN coins INTEGER DEFAULT 0 NOT NULL;

INSERT INTO user_profile (user_id, exp)
SELECT user_id, SUM(amount) FROM ledger_entry WHERE asset = 'EXP' GROUP BY user_id
ON CONFLICT (user_id) DO UPDATE SET exp = excluded.exp;

UPDATE gamify_version SET version_num = '26_11_23_a' WHERE version_num = '26_11_22_c';
