-- Why: the streak columns that production Zeeguu keeps in its own `user_language`, for a host that
--   has the table without them. A host without the table has no streaks per language.
-- Old rows: nobody has a streak yet; a column that is there stays as it is.
-- Locks: none; online, the server refuses rather than block. Each step rebuilds the table.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
    ) AND NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'last_practiced'
    ),
    'ALTER TABLE user_language ADD COLUMN last_practiced DATETIME NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
    ) AND NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'daily_streak'
    ),
    'ALTER TABLE user_language ADD COLUMN daily_streak INT NOT NULL DEFAULT 0,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
    ) AND NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'max_streak'
    ),
    'ALTER TABLE user_language ADD COLUMN max_streak INT NOT NULL DEFAULT 0,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
    ) AND NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'max_streak_date'
    ),
    'ALTER TABLE user_language ADD COLUMN max_streak_date DATETIME NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_d' WHERE version_num = '26_11_20_c';
