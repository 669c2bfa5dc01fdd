-- Takes back: limits of badges, and who holds them.
-- Data: WARNING: time boxes, limits and how many were granted go; all badges are unlimited then.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge' AND column_name = 'rule'
    ),
    'ALTER TABLE badge
        DROP COLUMN rule,
        DROP COLUMN starts_at,
        DROP COLUMN ends_at,
        DROP COLUMN max_holders,
        DROP COLUMN grants_made,
        DROP COLUMN users_with_badge,
        DROP COLUMN share_active',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_21_f' WHERE version_num = '26_11_22_a';
