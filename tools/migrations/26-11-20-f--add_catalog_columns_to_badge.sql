-- Why: a badge gets the code by which the catalog names it, and what a badge author manages.
-- Old rows: code <metric in lower case>_<level>, e.g. translated_words_1, and their level as sort
--   score; texts, thresholds and ids stay.
-- Locks: copies the table, some dozens of rows; its writers wait that long.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge' AND column_name = 'code'
    ),
    'ALTER TABLE badge
        MODIFY threshold INT NOT NULL COMMENT ''Granted once the metric reaches this value'',
        ADD COLUMN code VARCHAR(64) NULL,
        ADD COLUMN color VARCHAR(7) NULL COMMENT ''#rrggbb'',
        ADD COLUMN sort_score INT NOT NULL DEFAULT 0
            COMMENT ''Place on the profile, descending'',
        ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT 0 COMMENT ''Neither shown nor granted'',
        ADD COLUMN deprecated_at DATETIME NULL
            COMMENT ''UTC; from then on not granted, holders keep it'',
        ADD COLUMN rule_version INT NOT NULL DEFAULT 1
            COMMENT ''Grows with each change of the rule'',
        ADD COLUMN created_at DATETIME NULL COMMENT ''UTC'',
        ADD COLUMN updated_at DATETIME NULL COMMENT ''UTC'',
        COMMENT = ''One level of a family''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE badge
SET
    code = CONCAT(
        (SELECT LOWER(metric) FROM badge_category WHERE badge_category.id = badge_category_id),
        '_', level
    ),
    sort_score = level
WHERE id > 0 AND code IS NULL;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge'
            AND column_name = 'code' AND is_nullable = 'YES'
    ),
    'ALTER TABLE badge
        MODIFY code VARCHAR(64) NOT NULL COMMENT ''Slug by which the catalog names it'',
        ADD UNIQUE KEY uq_badge_code (code)',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_f' WHERE version_num = '26_11_20_e';
