ALTER TABLE friendship ADD COLUMN a_since DATE;
ALTER TABLE friendship ADD COLUMN a_from DATE;
ALTER TABLE friendship ADD COLUMN a_last DATE;
ALTER TABLE friendship ADD COLUMN a_bridged DATE;
ALTER TABLE friendship ADD COLUMN b_since DATE;
ALTER TABLE friendship ADD COLUMN b_from DATE;
ALTER TABLE friendship ADD COLUMN b_last DATE;
ALTER TABLE friendship ADD COLUMN b_bridged DATE;
ALTER TABLE friendship ADD COLUMN friend_streak_date DATE;
ALTER TABLE friendship ADD COLUMN max_friend_streak INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE friendship ADD COLUMN max_friend_streak_date DATE;
ALTER TABLE friendship ADD COLUMN opened_from DATE;
ALTER TABLE friendship ADD COLUMN opened_to DATE;

UPDATE friendship
SET max_friend_streak = friend_streak
WHERE id > 0 AND friend_streak > max_friend_streak;

UPDATE gamify_version SET version_num = '26_11_20_p' WHERE version_num = '26_11_20_o';
