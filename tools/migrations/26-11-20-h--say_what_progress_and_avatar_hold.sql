-- Why: the columns whose name does not say what they hold say it.
-- Old rows: nothing changes.
-- Locks: none; only the comments change, the server refuses rather than rebuild.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_badge_progress'
            AND table_comment = ''
    ),
    'ALTER TABLE user_badge_progress
        MODIFY updated_at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
            COMMENT ''UTC, always written by the application'',
        COMMENT = ''A user''''s value of a metric'',
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar' AND table_comment = ''
    ),
    'ALTER TABLE user_avatar
        MODIFY image_name VARCHAR(100) NULL COMMENT ''File without extension'',
        MODIFY character_color VARCHAR(7) NULL COMMENT ''#rrggbb'',
        MODIFY background_color VARCHAR(7) NULL COMMENT ''#rrggbb'',
        COMMENT = ''How a user looks'',
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_h' WHERE version_num = '26_11_20_g';
