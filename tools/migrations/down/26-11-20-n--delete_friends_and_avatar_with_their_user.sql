-- Takes back: users can be deleted only once their friendships, requests and avatar are.
-- Data: none goes.

SET @foreign_key_checks = @@foreign_key_checks;
SET foreign_key_checks = 0;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND constraint_name = 'friendship_ibfk_1'
    ),
    'ALTER TABLE friendship
        ADD FOREIGN KEY (user_a_id) REFERENCES `user` (`id`),
        ADD FOREIGN KEY (user_b_id) REFERENCES `user` (`id`),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND constraint_name = 'friend_request_ibfk_1'
    ),
    'ALTER TABLE friend_request
        ADD FOREIGN KEY (sender_id) REFERENCES `user` (`id`),
        ADD FOREIGN KEY (receiver_id) REFERENCES `user` (`id`),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    NOT EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
            AND constraint_name = 'user_avatar_ibfk_1'
    ),
    'ALTER TABLE user_avatar
        ADD FOREIGN KEY (user_id) REFERENCES `user` (`id`),
        ALGORITHM = INPLACE, LOCK = NONE',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET foreign_key_checks = @foreign_key_checks;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND constraint_name = 'fk_friendship_user_a'
    ),
    'ALTER TABLE friendship
        DROP FOREIGN KEY fk_friendship_user_a,
        DROP FOREIGN KEY fk_friendship_user_b',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND constraint_name = 'fk_friend_request_sender'
    ),
    'ALTER TABLE friend_request
        DROP FOREIGN KEY fk_friend_request_sender,
        DROP FOREIGN KEY fk_friend_request_receiver',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.table_constraints
        WHERE table_schema = DATABASE() AND table_name = 'user_avatar'
            AND constraint_name = 'fk_user_avatar_user'
    ),
    'ALTER TABLE user_avatar
        DROP FOREIGN KEY fk_user_avatar_user',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friendship'
            AND index_name = 'fk_friendship_user_b'
    ),
    'ALTER TABLE friendship
        RENAME INDEX fk_friendship_user_b TO user_b_id',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

SET @ddl = IF(
    EXISTS (
        SELECT * FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'friend_request'
            AND index_name = 'fk_friend_request_sender'
    ),
    'ALTER TABLE friend_request
        RENAME INDEX fk_friend_request_sender TO sender_id,
        RENAME INDEX fk_friend_request_receiver TO receiver_id',
    'DO 0'
);
PREPARE step FROM @ddl;
EXECUTE step;

UPDATE gamify_version SET version_num = '26_11_20_m' WHERE version_num = '26_11_20_n';
