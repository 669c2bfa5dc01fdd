-- Takes back: the runs of friends.
-- Data: WARNING: the runs and the longest friend streaks go. The friend streak itself stays.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND column_name = 'opened_to'
    ),
    'ALTER TABLE friendship
        DROP COLUMN a_since,
        DROP COLUMN a_from,
        DROP COLUMN a_last,
        DROP COLUMN a_bridged,
        DROP COLUMN b_since,
        DROP COLUMN b_from,
        DROP COLUMN b_last,
        DROP COLUMN b_bridged,
        DROP COLUMN friend_streak_date,
        DROP COLUMN max_friend_streak,
        DROP COLUMN max_friend_streak_date,
        DROP COLUMN opened_from,
        DROP COLUMN opened_to',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_o' WHERE version_num = '26_11_20_p';
