ALTER TABLE friendship DROP COLUMN opened_to;
ALTER TABLE friendship DROP COLUMN opened_from;
ALTER TABLE friendship DROP COLUMN max_friend_streak_date;
ALTER TABLE friendship DROP COLUMN max_friend_streak;
ALTER TABLE friendship DROP COLUMN friend_streak_date;
ALTER TABLE friendship DROP COLUMN b_bridged;
ALTER TABLE friendship DROP COLUMN b_last;
ALTER TABLE friendship DROP COLUMN b_from;
ALTER TABLE friendship DROP COLUMN b_since;
ALTER TABLE friendship DROP COLUMN a_bridged;
ALTER TABLE friendship DROP COLUMN a_last;
ALTER TABLE friendship DROP COLUMN a_from;
ALTER TABLE friendship DROP COLUMN a_since;

UPDATE gamify_version SET version_num = '26_11_20_o' WHERE version_num = '26_11_20_p';
