-- Takes back: the unique key over friend requests.
-- Data: none goes; requests that were dropped stay dropped.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND column_name = 'low_id'
    ),
    'ALTER TABLE friend_request
        DROP KEY uq_friend_request_pair,
        DROP COLUMN low_id,
        DROP COLUMN high_id,
        COMMENT = ''''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_l' WHERE version_num = '26_11_20_m';
