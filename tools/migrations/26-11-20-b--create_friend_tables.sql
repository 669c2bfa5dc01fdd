-- Why: friendships and friend requests, as production Zeeguu has them.
-- Old rows: a table that is there stays as it is, with its rows.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS friendship (
    id INT NOT NULL AUTO_INCREMENT,
    user_a_id INT NOT NULL,
    user_b_id INT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    deleted_at DATETIME NULL,
    friend_streak INT DEFAULT 0,
    friend_streak_last_updated DATETIME NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_a_id) REFERENCES `user` (`id`),
    FOREIGN KEY (user_b_id) REFERENCES `user` (`id`)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS friend_request (
    id INT NOT NULL AUTO_INCREMENT,
    sender_id INT NOT NULL,
    receiver_id INT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    FOREIGN KEY (sender_id) REFERENCES `user` (`id`),
    FOREIGN KEY (receiver_id) REFERENCES `user` (`id`)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

UPDATE gamify_version SET version_num = '26_11_20_b' WHERE version_num = '26_11_20_a';
