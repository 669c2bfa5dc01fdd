-- Why: deleting a user deletes the friendships, requests and avatar too, whoever deletes the user.
--   The names of production's foreign keys were made by the server; they are looked up.
-- Old rows: stay; the old keys proved that their users exist, and go only once the new ones stand.
-- Locks: none; each step is online, the server refuses rather than block. Unchecked, which the old
--   keys allow, the new ones are added without copying the tables.

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND index_name = 'user_b_id'
    ),
    'ALTER TABLE friendship
        RENAME INDEX user_b_id TO fk_friendship_user_b',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND index_name = 'sender_id'
    ),
    'ALTER TABLE friend_request
        RENAME INDEX sender_id TO fk_friend_request_sender,
        RENAME INDEX receiver_id TO fk_friend_request_receiver',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @foreign_key_checks = @@foreign_key_checks;
SET foreign_key_checks = 0;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND constraint_name = 'fk_friendship_user_a'
    ),
    'ALTER TABLE friendship
        ADD CONSTRAINT fk_friendship_user_a
            FOREIGN KEY (user_a_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
        ADD CONSTRAINT fk_friendship_user_b
            FOREIGN KEY (user_b_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND constraint_name = 'fk_friend_request_sender'
    ),
    'ALTER TABLE friend_request
        ADD CONSTRAINT fk_friend_request_sender
            FOREIGN KEY (sender_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
        ADD CONSTRAINT fk_friend_request_receiver
            FOREIGN KEY (receiver_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
            AND constraint_name = 'fk_user_avatar_user'
    ),
    'ALTER TABLE user_avatar
        ADD CONSTRAINT fk_user_avatar_user
            FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET foreign_key_checks = @foreign_key_checks;

SET @ddl = IFNULL(
    (
        SELECT CONCAT(
            'ALTER TABLE friendship', GROUP_CONCAT(' DROP FOREIGN KEY `', constraint_name, '`')
        )
        FROM information_schema.key_column_usage
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND column_name IN ('user_a_id', 'user_b_id') AND referenced_table_name IS NOT NULL
            AND constraint_name NOT IN ('fk_friendship_user_a', 'fk_friendship_user_b')
    ),
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IFNULL(
    (
        SELECT CONCAT(
            'ALTER TABLE friend_request', GROUP_CONCAT(' DROP FOREIGN KEY `', constraint_name, '`')
        )
        FROM information_schema.key_column_usage
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND column_name IN ('sender_id', 'receiver_id') AND referenced_table_name IS NOT NULL
            AND constraint_name NOT IN ('fk_friend_request_sender', 'fk_friend_request_receiver')
    ),
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IFNULL(
    (
        SELECT CONCAT(
            'ALTER TABLE user_avatar', GROUP_CONCAT(' DROP FOREIGN KEY `', constraint_name, '`')
        )
        FROM information_schema.key_column_usage
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
            AND column_name = 'user_id' AND referenced_table_name IS NOT NULL
            AND constraint_name <> 'fk_user_avatar_user'
    ),
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_n' WHERE version_num = '26_11_20_m';
