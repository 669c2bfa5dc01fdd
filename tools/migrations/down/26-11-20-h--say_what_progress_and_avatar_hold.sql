-- Takes back: comments of tables and columns.
-- Data: none goes.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_badge_progress'
            AND table_comment <> ''
    ),
    'ALTER TABLE user_badge_progress
        MODIFY updated_at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        COMMENT = '''',
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
            AND table_comment <> ''
    ),
    'ALTER TABLE user_avatar
        MODIFY image_name VARCHAR(100) NULL,
        MODIFY character_color VARCHAR(7) NULL,
        MODIFY background_color VARCHAR(7) NULL,
        COMMENT = '''',
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_g' WHERE version_num = '26_11_20_h';
