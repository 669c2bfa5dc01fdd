-- Why: users get a username, on a host whose users have none. The first of three steps; the second
--   is `flask gamify usernames backfill`, the third 26-11-20-c--require_username.sql.
-- Old rows: have no username until the second step. A column that is there stays as it is.
-- Locks: none; online, the server refuses rather than block. MySQL 5.7 rebuilds the table.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user' AND column_name = 'username'
    ),
    'ALTER TABLE `user`
        ADD COLUMN `username` VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;
