-- Why: each friendship carries both sides' newest run of practice days, so that practising moves it
--   by that row alone, and the longest friend streak so far.
-- Old rows: the streak they have is their longest; the runs stay empty until `flask gamify streaks
--   open` takes them over.
-- Locks: writers of friendship wait while MySQL 5.7 copies the table; MariaDB and MySQL 8 only add
--   to it.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND column_name = 'opened_to'
    ),
    'ALTER TABLE friendship
        ADD COLUMN a_since DATE NULL COMMENT ''Local date of a when they became friends'',
        ADD COLUMN a_from DATE NULL COMMENT ''First date of the newest run of a'',
        ADD COLUMN a_last DATE NULL COMMENT ''Last practised date of a'',
        ADD COLUMN a_bridged DATE NULL COMMENT ''Last bridged date of the run of a'',
        ADD COLUMN b_since DATE NULL COMMENT ''Local date of b when they became friends'',
        ADD COLUMN b_from DATE NULL COMMENT ''First date of the newest run of b'',
        ADD COLUMN b_last DATE NULL COMMENT ''Last practised date of b'',
        ADD COLUMN b_bridged DATE NULL COMMENT ''Last bridged date of the run of b'',
        ADD COLUMN friend_streak_date DATE NULL COMMENT ''Last date that both practised'',
        ADD COLUMN max_friend_streak INT NOT NULL DEFAULT 0,
        ADD COLUMN max_friend_streak_date DATE NULL
            COMMENT ''Last date of the first longest shared run'',
        ADD COLUMN opened_from DATE NULL
            COMMENT ''First date of a shared run that was taken over when we were mounted'',
        ADD COLUMN opened_to DATE NULL COMMENT ''Last date of that run''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE friendship
SET max_friend_streak = friend_streak
WHERE id > 0 AND friend_streak > max_friend_streak;

UPDATE gamify_version SET version_num = '26_11_20_p' WHERE version_num = '26_11_20_o';
