-- Why: a family of badges is data, so its metric is any name and not one of production's seven.
-- Old rows: keep their metric.
-- Locks: ENUM to VARCHAR copies the table, a handful of rows; its writers wait that long.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge_category'
            AND column_name = 'metric' AND data_type = 'enum'
    ),
    'ALTER TABLE badge_category
        MODIFY metric VARCHAR(64) NOT NULL
            COMMENT ''What is counted, e.g. TRANSLATED_WORDS; ONE:<code>'',
        COMMENT = ''A family: the badges that share a metric''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_e' WHERE version_num = '26_11_20_d';
