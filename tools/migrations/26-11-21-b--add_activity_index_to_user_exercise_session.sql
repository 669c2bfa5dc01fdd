-- Why: boards look up a user's sessions of a few days by it, not all there are.
--   To do without: `SET @gamify_host_indexes = 0` before, or `db upgrade --no-host-indexes`.
-- Old rows: stay as they are. A host without the table stays as it is.
-- Locks: none; online, the server refuses rather than block. Reads the table once.

SET @ddl = IF(
    COALESCE(@gamify_host_indexes, 1) AND (
        SELECT COUNT(*) FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_exercise_session'
            AND column_name IN ('user_id', 'start_time')
    ) = 2 AND NOT EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_exercise_session'
            AND index_name = 'ix_gamify_activity'
    ),
    'ALTER TABLE user_exercise_session ADD INDEX ix_gamify_activity (user_id, start_time),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_21_b' WHERE version_num = '26_11_21_a';
