-- Takes back: the table of the avatars.
-- Data: none goes: only an empty table is dropped, since the rows may be the host's own.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
    ),
    'SELECT EXISTS (SELECT * FROM user_avatar) INTO @is_used',
    'DO 0'
);
SET @is_used = 0;
PREPARE step FROM @ddl;
EXECUTE step;
SET @ddl = IF(@is_used, 'DO 0', 'DROP TABLE IF EXISTS user_avatar');
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_b' WHERE version_num = '26_11_20_c';
