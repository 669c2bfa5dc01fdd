-- Takes back: the tables of the friends.
-- Data: none goes: only an empty table is dropped, since the rows may be the host's own.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
    ),
    'SELECT EXISTS (SELECT * FROM friendship) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;
SET @ddl = IF(@is_used, 'DO 0', 'DROP TABLE IF EXISTS friendship');
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
    ),
    'SELECT EXISTS (SELECT * FROM friend_request) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;
SET @ddl = IF(@is_used, 'DO 0', 'DROP TABLE IF EXISTS friend_request');
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_a' WHERE version_num = '26_11_20_b';
