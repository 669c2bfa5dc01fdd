-- Takes back: families of other metrics than production's seven.
-- Data: WARNING: such families go with their badges, holders and progress.

-- Safe updates ask for a key or a LIMIT; no table with INT ids has more rows.
DELETE FROM user_badge_progress
WHERE badge_category_id IN (
    SELECT id FROM badge_category WHERE metric NOT IN (
        'TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
        'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS'
    )
)
LIMIT 2147483647;

DELETE FROM user_badge
WHERE badge_id IN (
    SELECT badge.id FROM badge
    INNER JOIN badge_category ON badge_category.id = badge.badge_category_id
    WHERE badge_category.metric NOT IN (
        'TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
        'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS'
    )
)
LIMIT 2147483647;

DELETE FROM badge
WHERE badge_category_id IN (
    SELECT id FROM badge_category WHERE metric NOT IN (
        'TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
        'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS'
    )
)
LIMIT 2147483647;

DELETE FROM badge_category
WHERE id > 0 AND metric NOT IN (
    'TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
    'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS'
);

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'badge_category'
            AND column_name = 'metric' AND data_type = 'varchar'
    ),
    'ALTER TABLE badge_category
        MODIFY metric ENUM(
            ''TRANSLATED_WORDS'', ''CORRECT_EXERCISES'', ''COMPLETED_AUDIO_LESSONS'',
            ''STREAK_DAYS'', ''LEARNED_WORDS'', ''READ_ARTICLES'', ''FRIENDS''
        ) NOT NULL,
        COMMENT = ''''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_d' WHERE version_num = '26_11_20_e';
