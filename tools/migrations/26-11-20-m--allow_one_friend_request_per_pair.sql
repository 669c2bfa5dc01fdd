-- Why: at most one request per pair, whoever asked, kept by a unique key; low_id and high_id are
--   the pair whatever its direction. Without a key two requests at once made two rows, and
--   answering one of them failed.
-- Old rows: requests to oneself and between friends are deleted; of several of a pair, crossed ones
--   included, the oldest stays.
-- Locks: readers and writers of friend_request wait until the file is through, which takes as long
--   as copying the table; writers of friendship wait too, its readers do not.

LOCK TABLES friend_request WRITE, friend_request AS old WRITE, friendship READ;

DELETE FROM friend_request WHERE id > 0 AND sender_id = receiver_id;

-- Safe updates ask for a key or a LIMIT; no table with INT ids has more rows.
DELETE FROM friend_request
WHERE EXISTS (
    SELECT * FROM friendship
    WHERE user_a_id = LEAST(sender_id, receiver_id)
        AND user_b_id = GREATEST(sender_id, receiver_id) AND deleted_at IS NULL
)
LIMIT 2147483647;

DELETE FROM friend_request
WHERE id NOT IN (
    SELECT first.id FROM (
        SELECT
            CAST(SUBSTRING_INDEX(
                GROUP_CONCAT(id ORDER BY created_at IS NULL, created_at, id), ',', 1
            ) AS UNSIGNED) AS id
        FROM friend_request AS old
        GROUP BY LEAST(sender_id, receiver_id), GREATEST(sender_id, receiver_id)
    ) AS first
)
LIMIT 2147483647;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND column_name = 'low_id'
    ),
    'ALTER TABLE friend_request
        ADD COLUMN low_id INT
            GENERATED ALWAYS AS (
                CASE WHEN sender_id < receiver_id THEN sender_id ELSE receiver_id END
            ) VIRTUAL COMMENT ''The smaller id of the pair, whoever asked'',
        ADD COLUMN high_id INT
            GENERATED ALWAYS AS (
                CASE WHEN sender_id < receiver_id THEN receiver_id ELSE sender_id END
            ) VIRTUAL COMMENT ''The larger id of the pair'',
        ADD UNIQUE KEY uq_friend_request_pair (low_id, high_id),
        COMMENT = ''A friend request that waits for an answer''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UNLOCK TABLES;

UPDATE gamify_version SET version_num = '26_11_20_m' WHERE version_num = '26_11_20_l';
