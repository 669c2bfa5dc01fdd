-- Why: every user has a username, which nobody else has, whatever its case. The third of three steps.
-- Old rows: all must have a username by now: with one left out the file stops, with an error that
--   names the second step, and nothing is changed.
-- Locks: none; each step is online, the server refuses rather than block. The second rebuilds the
--   table.

-- There is no SIGNAL outside routines: what the user is to read is the name of a missing column.
SET @ddl = IF(
    EXISTS (SELECT * FROM `user` WHERE `username` IS NULL),
    'DO `users without username: run flask gamify usernames backfill`',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT index_name FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user' AND non_unique = 0
        GROUP BY index_name
        HAVING GROUP_CONCAT(column_name) = 'username'
    ),
    'ALTER TABLE `user` ADD UNIQUE KEY unique_username (`username`),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

-- Strict, so that a NULL that has come meanwhile is an error and does not become ''.
SET @sql_mode = @@sql_mode;
SET sql_mode = 'STRICT_ALL_TABLES';
SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user' AND column_name = 'username'
            AND is_nullable = 'YES'
    ),
    'ALTER TABLE `user`
        MODIFY `username` VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;
SET sql_mode = @sql_mode;
