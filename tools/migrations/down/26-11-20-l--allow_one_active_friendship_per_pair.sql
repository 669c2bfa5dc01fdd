-- Takes back: the unique key over active friendships.
-- Data: none goes; friendships that were merged stay merged.

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND index_name = 'user_a_id'
    ),
    'ALTER TABLE friendship ADD KEY user_a_id (user_a_id)',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND column_name = 'active'
    ),
    'ALTER TABLE friendship
        MODIFY user_a_id INT NOT NULL,
        DROP KEY uq_friendship_active,
        DROP COLUMN active,
        COMMENT = ''''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_k' WHERE version_num = '26_11_20_l';
