-- Takes back: source, context, evidence and revocation of grants.
-- Data: WARNING: they go, and revoked badges too; of several contexts of a badge the first stays.

SET @has_contexts = EXISTS (
    SELECT * FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'user_badge' AND column_name = 'revoked_at'
);
SET sql_big_selects = 1;

SET @dml = IF(
    @has_contexts,
    'INSERT INTO user_badge (id, user_id, badge_id, context, revoked_at)
    SELECT other.id, other.user_id, other.badge_id, other.context, UTC_TIMESTAMP()
    FROM user_badge AS old
    INNER JOIN user_badge AS other
        ON other.user_id = old.user_id AND other.badge_id = old.badge_id AND other.id > old.id
    WHERE old.revoked_at IS NULL
    ON DUPLICATE KEY UPDATE revoked_at = VALUES(revoked_at)',
    'DO 0'
);
PREPARE step FROM @dml;
EXECUTE step;

SET @dml = IF(
    @has_contexts, 'DELETE FROM user_badge WHERE id > 0 AND revoked_at IS NOT NULL', 'DO 0'
);
PREPARE step FROM @dml;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND index_name = 'user_id'
    ),
    'ALTER TABLE user_badge
        ADD UNIQUE KEY user_id (user_id, badge_id),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND index_name = 'uq_user_badge'
    ),
    'ALTER TABLE user_badge DROP KEY uq_user_badge',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND constraint_name = 'fk_user_badge_revoked_by'
    ),
    'ALTER TABLE user_badge DROP FOREIGN KEY fk_user_badge_revoked_by',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

-- Unforced, MariaDB keeps room for dropped columns in each row, which soon has no more.
SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND column_name = 'revoked_by'
    ),
    'ALTER TABLE user_badge
        MODIFY achieved_at DATETIME DEFAULT NULL,
        MODIFY is_shown BOOLEAN DEFAULT 0,
        DROP COLUMN source,
        DROP COLUMN context,
        DROP COLUMN sort_override,
        DROP COLUMN evidence,
        DROP COLUMN revoked_at,
        DROP COLUMN revoked_by,
        COMMENT = '''',
        FORCE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_f' WHERE version_num = '26_11_20_g';
