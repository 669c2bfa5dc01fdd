-- Takes back: what a badge author manages.
-- Data: WARNING: codes, colours, sort scores, and which badges are hidden or deprecated, go.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge'
            AND column_name = 'code'
    ),
    'ALTER TABLE badge
        MODIFY threshold INT NOT NULL,
        DROP KEY uq_badge_code,
        DROP COLUMN code,
        DROP COLUMN color,
        DROP COLUMN sort_score,
        DROP COLUMN hidden,
        DROP COLUMN deprecated_at,
        DROP COLUMN rule_version,
        DROP COLUMN created_at,
        DROP COLUMN updated_at,
        COMMENT = ''''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_e' WHERE version_num = '26_11_20_f';
