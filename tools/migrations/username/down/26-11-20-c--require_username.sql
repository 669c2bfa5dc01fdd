-- Takes back: that every user has a username which nobody else has.
-- Data: none goes.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user' AND column_name = 'username'
            AND is_nullable = 'NO'
    ),
    'ALTER TABLE `user`
        MODIFY `username` VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user' AND index_name = 'unique_username'
    ),
    'ALTER TABLE `user` DROP KEY unique_username, ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;
