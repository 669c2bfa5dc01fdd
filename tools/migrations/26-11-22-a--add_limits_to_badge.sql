-- Why: a badge may be earned in a span of time only, or by a limited number of users; its rule
--   beyond the threshold is noted, so that a change is noticed; a job counts who holds it.
-- Old rows: no limit, no rule beyond the threshold; holders are 0 until the job has counted.
-- Locks: copies the table, some dozens of rows; its writers wait that long.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge' AND column_name = 'rule'
    ),
    'ALTER TABLE badge
        ADD COLUMN rule TEXT NULL
            COMMENT ''In words, what of the rule the threshold does not say'',
        ADD COLUMN starts_at DATETIME NULL COMMENT ''UTC; to be earned from then on'',
        ADD COLUMN ends_at DATETIME NULL COMMENT ''UTC; from then on no more'',
        ADD COLUMN max_holders INT NULL COMMENT ''So many are ever granted'',
        ADD COLUMN grants_made INT NOT NULL DEFAULT 0
            COMMENT ''While max_holders is set: how many were ever granted'',
        ADD COLUMN users_with_badge INT NOT NULL DEFAULT 0
            COMMENT ''Holders, as counted by the job'',
        ADD COLUMN share_active NUMERIC(5, 4) NULL
            COMMENT ''Of the active users, 0 to 1, as counted by the job''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_22_a' WHERE version_num = '26_11_21_f';
