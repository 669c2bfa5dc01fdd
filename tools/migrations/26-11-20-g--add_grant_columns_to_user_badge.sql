-- Why: a grant says where it came from, for what, with which evidence, and may be revoked. The
--   unique key takes in the context; the new key comes first, as a foreign key needs one of them.
-- Old rows: granted automatically, in no context, not revoked.
-- Locks: none; each step is online, the server refuses rather than block.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND column_name = 'revoked_by'
    ),
    'ALTER TABLE user_badge
        MODIFY achieved_at DATETIME DEFAULT NULL COMMENT ''UTC'',
        MODIFY is_shown BOOLEAN DEFAULT 0 COMMENT ''Whether the user has seen it'',
        ADD COLUMN source VARCHAR(16) NOT NULL DEFAULT ''auto''
            COMMENT ''auto, manual or backfill'',
        ADD COLUMN context VARBINARY(64) NOT NULL DEFAULT ''''
            COMMENT ''What a repeatable badge was granted for'',
        ADD COLUMN sort_override INT NULL COMMENT ''Instead of badge.sort_score'',
        ADD COLUMN evidence JSON NULL
            COMMENT ''The certificate: rule version, value, threshold, event, zone'',
        ADD COLUMN revoked_at DATETIME NULL COMMENT ''UTC; every read skips the row'',
        ADD COLUMN revoked_by INT NULL COMMENT ''The moderator'',
        COMMENT = ''A badge granted to a user'',
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND index_name = 'uq_user_badge'
    ),
    'ALTER TABLE user_badge
        ADD UNIQUE KEY uq_user_badge (user_id, badge_id, context),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IFNULL(
    (
        SELECT CONCAT('ALTER TABLE user_badge DROP KEY `', MIN(old.name), '`')
        FROM (
            SELECT index_name AS name
            FROM information_schema.statistics
            WHERE table_schema = DATABASE() AND table_name = 'user_badge' AND non_unique = 0
            GROUP BY index_name
            HAVING GROUP_CONCAT(column_name ORDER BY seq_in_index) = 'user_id,badge_id'
        ) AS old
    ),
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

-- The column is new and empty, so there is nothing to check, and unchecked the key is added online.
SET @foreign_key_checks = @@foreign_key_checks;
SET foreign_key_checks = 0;
SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
            AND constraint_name = 'fk_user_badge_revoked_by'
    ),
    'ALTER TABLE user_badge
        ADD CONSTRAINT fk_user_badge_revoked_by
            FOREIGN KEY (revoked_by) REFERENCES `user` (`id`) ON DELETE SET NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;
SET foreign_key_checks = @foreign_key_checks;

UPDATE gamify_version SET version_num = '26_11_20_g' WHERE version_num = '26_11_20_f';
