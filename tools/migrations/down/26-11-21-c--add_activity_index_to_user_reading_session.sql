-- Takes back: the index of boards on the host's `user_reading_session`, online.
-- Data: none goes. The server dropped its own index on user_id in favour of this one; where a
--   foreign key needs one, it is made again first, as ix_user_reading_session_user.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_reading_session'
            AND index_name = 'ix_gamify_activity'
    ) AND EXISTS (
        SELECT * FROM information_schema.key_column_usage
        WHERE table_schema = DATABASE() AND table_name = 'user_reading_session'
            AND column_name = 'user_id' AND referenced_table_name IS NOT NULL
    ) AND NOT EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_reading_session'
            AND column_name = 'user_id' AND seq_in_index = 1
            AND index_name <> 'ix_gamify_activity'
    ),
    'ALTER TABLE user_reading_session ADD INDEX ix_user_reading_session_user (user_id),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_reading_session'
            AND index_name = 'ix_gamify_activity'
    ),
    'ALTER TABLE user_reading_session DROP INDEX ix_gamify_activity,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_21_b' WHERE version_num = '26_11_21_c';
