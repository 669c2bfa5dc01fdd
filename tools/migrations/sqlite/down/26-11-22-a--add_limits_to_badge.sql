ALTER TABLE badge DROP COLUMN share_active;
ALTER TABLE badge DROP COLUMN users_with_badge;
ALTER TABLE badge DROP COLUMN grants_made;
ALTER TABLE badge DROP COLUMN max_holders;
ALTER TABLE badge DROP COLUMN ends_at;
ALTER TABLE badge DROP COLUMN starts_at;
ALTER TABLE badge DROP COLUMN rule;

UPDATE gamify_version SET version_num = '26_11_21_f' WHERE version_num = '26_11_22_a';
