-- Why: at most one request per pair, whoever asked, kept by a unique key; low_id and high_id are
--   the pair whatever its direction. Without a key two requests at once made two rows, and
--   answering one of them failed.
-- Old rows: requests to oneself and between friends are deleted; of several of a pair, crossed ones
--   included, the oldest stays.
-- Locks: readers and writers of friend_request wait until the file is through, which takes as long
--   as copying the table; writers of friendship wait too, its readers do not.

-- With --safe-updates the client also refuses joins that may look at a million rows.
SET sql_big_selects = 1;
LOCK TABLES
    friend_request WRITE, friend_request AS old WRITE, friend_request AS other WRITE,
    friendship READ;

-- What must go is first made a request to oneself, by its id, and then deleted.
INSERT INTO friend_request (id, sender_id, receiver_id)
SELECT old.id, old.sender_id, old.sender_id
FROM friend_request AS old
INNER JOIN friendship
    ON friendship.user_a_id = LEAST(old.sender_id, old.receiver_id)
    AND friendship.user_b_id = GREATEST(old.sender_id, old.receiver_id)
    AND friendship.deleted_at IS NULL
ON DUPLICATE KEY UPDATE receiver_id = VALUES(receiver_id);

INSERT INTO friend_request (id, sender_id, receiver_id)
SELECT other.id, other.sender_id, other.sender_id
FROM friend_request AS old
INNER JOIN friend_request AS other
    ON other.sender_id = old.sender_id AND other.receiver_id = old.receiver_id
    AND (COALESCE(old.created_at, '9999-12-31'), old.id)
        < (COALESCE(other.created_at, '9999-12-31'), other.id)
ON DUPLICATE KEY UPDATE receiver_id = VALUES(receiver_id);

INSERT INTO friend_request (id, sender_id, receiver_id)
SELECT other.id, other.sender_id, other.sender_id
FROM friend_request AS old
INNER JOIN friend_request AS other
    ON other.sender_id = old.receiver_id AND other.receiver_id = old.sender_id
    AND (COALESCE(old.created_at, '9999-12-31'), old.id)
        < (COALESCE(other.created_at, '9999-12-31'), other.id)
WHERE old.sender_id <> old.receiver_id
ON DUPLICATE KEY UPDATE receiver_id = VALUES(receiver_id);

DELETE FROM friend_request WHERE id > 0 AND sender_id = receiver_id;

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
