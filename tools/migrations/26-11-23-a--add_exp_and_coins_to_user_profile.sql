-- Why: a profile sums the EXP and coins that its user has earned, and says the level.
-- Old rows: EXP are summed from ledger_entry; nobody has coins; levels follow with the nightly job.
-- Locks: copies user_profile, one row per user at most; its writers wait that long.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profile' AND column_name = 'exp'
    ),
    'ALTER TABLE user_profile
        ADD COLUMN exp INT NOT NULL DEFAULT 0,
        ADD COLUMN level INT NOT NULL DEFAULT 1 COMMENT ''Follows from exp'',
        ADD COLUMN best_level INT NOT NULL DEFAULT 1
            COMMENT ''The highest ever reached; its reward is given once'',
        ADD COLUMN coins INT NOT NULL DEFAULT 0 COMMENT ''Never below zero''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

INSERT INTO user_profile (user_id, exp)
SELECT user_id, SUM(amount) FROM ledger_entry WHERE asset = 'EXP' GROUP BY user_id
ON DUPLICATE KEY UPDATE exp = VALUES(exp);

ALTER TABLE ledger_entry MODIFY COLUMN asset ENUM('FREEZES', 'EXP', 'COINS') NOT NULL;

UPDATE gamify_version SET version_num = '26_11_23_a' WHERE version_num = '26_11_22_c';
