-- Takes back: EXP, level and coins of profiles.
-- Data: WARNING: all coins go; EXP stay in ledger_entry.

DELETE FROM ledger_entry WHERE asset = 'COINS';

ALTER TABLE ledger_entry MODIFY COLUMN asset ENUM('FREEZES', 'EXP') NOT NULL;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profile' AND column_name = 'exp'
    ),
    'ALTER TABLE user_profile
        DROP COLUMN exp,
        DROP COLUMN level,
        DROP COLUMN best_level,
        DROP COLUMN coins',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_22_c' WHERE version_num = '26_11_23_a';
