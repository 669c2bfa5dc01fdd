-- Takes back: the streak columns of the host's `user_language`, online.
-- Data: none goes: they stay once anybody has practised, since they may be the host's own.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'last_practiced'
    ),
    'SELECT EXISTS (
        SELECT * FROM user_language WHERE last_practiced IS NOT NULL
    ) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT @is_used AND EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'max_streak_date'
    ),
    'ALTER TABLE user_language DROP COLUMN max_streak_date,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT @is_used AND EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'max_streak'
    ),
    'ALTER TABLE user_language DROP COLUMN max_streak,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT @is_used AND EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'daily_streak'
    ),
    'ALTER TABLE user_language DROP COLUMN daily_streak,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT @is_used AND EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_language'
            AND column_name = 'last_practiced'
    ),
    'ALTER TABLE user_language DROP COLUMN last_practiced,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_c' WHERE version_num = '26_11_20_d';
