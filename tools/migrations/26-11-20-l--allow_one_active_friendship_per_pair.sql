-- Why: at most one active friendship per pair, kept by a unique key; user_a_id is the smaller id.
--   Without a key two accepts at once made two rows.
-- Old rows: friendships with oneself are deleted; a > b is swapped. Of several active rows of a
--   pair the oldest stays active, with the streak of the one that shows the larger (a streak that
--   did not move since yesterday, UTC, shows 0). The others stay as history that ended when it
--   began, so that past leaderboards have the same members. Ended rows stay as they are.
-- Locks: readers and writers of friendship wait until the file is through: some seconds for 300 000
--   friendships, most of it for copying the table.

-- With --safe-updates the client also refuses joins that may look at a million rows.
SET sql_big_selects = 1;
LOCK TABLES friendship WRITE, friendship AS old WRITE, friendship AS other WRITE;

DELETE FROM friendship WHERE id > 0 AND user_a_id = user_b_id;

INSERT INTO friendship (id, user_a_id, user_b_id)
SELECT id, user_b_id, user_a_id FROM friendship AS old WHERE user_a_id > user_b_id
ON DUPLICATE KEY UPDATE user_a_id = VALUES(user_a_id), user_b_id = VALUES(user_b_id);

INSERT INTO friendship (id, user_a_id, user_b_id, friend_streak, friend_streak_last_updated)
SELECT
    pair.first_id, pair.user_a_id, pair.user_b_id,
    other.friend_streak, other.friend_streak_last_updated
FROM (
    SELECT
        user_a_id, user_b_id,
        SUBSTRING_INDEX(
            GROUP_CONCAT(id ORDER BY created_at IS NULL, created_at, id), ',', 1
        ) AS first_id,
        SUBSTRING_INDEX(
            GROUP_CONCAT(
                id ORDER BY
                    DATE(friend_streak_last_updated) >= UTC_DATE() - INTERVAL 1 DAY DESC,
                    friend_streak DESC, id
            ), ',', 1
        ) AS best_id
    FROM friendship AS old
    WHERE deleted_at IS NULL
    GROUP BY user_a_id, user_b_id
    HAVING COUNT(*) > 1
) AS pair
INNER JOIN friendship AS other ON other.id = pair.best_id
ON DUPLICATE KEY UPDATE
    friend_streak = VALUES(friend_streak),
    friend_streak_last_updated = VALUES(friend_streak_last_updated);

INSERT INTO friendship (id, user_a_id, user_b_id, deleted_at)
SELECT
    other.id, other.user_a_id, other.user_b_id,
    COALESCE(other.created_at, MIN(old.created_at), UTC_TIMESTAMP())
FROM friendship AS old
INNER JOIN friendship AS other
    ON other.user_a_id = old.user_a_id AND other.user_b_id = old.user_b_id
    AND (COALESCE(old.created_at, '9999-12-31'), old.id)
        < (COALESCE(other.created_at, '9999-12-31'), other.id)
WHERE old.deleted_at IS NULL AND other.deleted_at IS NULL
GROUP BY other.id, other.user_a_id, other.user_b_id, other.created_at
ON DUPLICATE KEY UPDATE deleted_at = VALUES(deleted_at);

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND column_name = 'active'
    ),
    'ALTER TABLE friendship
        MODIFY user_a_id INT NOT NULL COMMENT ''The smaller of the two ids'',
        ADD COLUMN active INT
            GENERATED ALWAYS AS (CASE WHEN deleted_at IS NULL THEN 1 END) VIRTUAL
            COMMENT ''1 while they are friends, so that a unique key allows one such row per pair'',
        ADD UNIQUE KEY uq_friendship_active (user_a_id, user_b_id, active),
        COMMENT = ''Two users who are, or were, friends''',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UNLOCK TABLES;

-- The unique key serves the foreign key too; some servers have dropped the old index by themselves.
SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND index_name = 'user_a_id'
    ),
    'ALTER TABLE friendship DROP KEY user_a_id',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_l' WHERE version_num = '26_11_20_k';
