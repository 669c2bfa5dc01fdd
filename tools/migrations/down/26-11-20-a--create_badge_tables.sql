-- Takes back: the tables of the badges, of which the catalog goes with the last of the others.
-- Data: none goes: only an empty table is dropped, since the rows may be the host's own.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_badge_progress'
    ),
    'SELECT EXISTS (SELECT * FROM user_badge_progress) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;
SET @ddl = IF(@is_used, 'DO 0', 'DROP TABLE IF EXISTS user_badge_progress');
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_badge'
    ),
    'SELECT EXISTS (SELECT * FROM user_badge) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;
SET @ddl = IF(@is_used, 'DO 0', 'DROP TABLE IF EXISTS user_badge');
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name IN ('user_badge', 'user_badge_progress')
    ),
    'DO 0',
    'DROP TABLE IF EXISTS badge, badge_category'
);
PREPARE step FROM @ddl;
EXECUTE step;

DELETE FROM gamify_version WHERE version_num = '26_11_20_a';
