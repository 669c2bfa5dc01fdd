-- Takes back: the index of boards on the host's `exercise`, online.
-- Data: none goes.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'exercise'
            AND index_name = 'ix_gamify_activity'
    ),
    'ALTER TABLE exercise DROP INDEX ix_gamify_activity,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_21_e' WHERE version_num = '26_11_21_f';
