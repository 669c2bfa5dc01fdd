-- Takes back: the usernames.
-- Data: WARNING: all go, unless the column is required, as it is where the host had it before us.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user' AND column_name = 'username'
            AND is_nullable = 'YES'
    ),
    'ALTER TABLE `user` DROP COLUMN `username`, ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;
