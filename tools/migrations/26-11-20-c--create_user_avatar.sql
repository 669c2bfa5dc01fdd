-- Why: how a user looks, as production Zeeguu has it.
-- Old rows: a table that is there stays as it is, with its rows.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS user_avatar (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    image_name VARCHAR(100) NULL,
    character_color VARCHAR(7) NULL,
    background_color VARCHAR(7) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

UPDATE gamify_version SET version_num = '26_11_20_c' WHERE version_num = '26_11_20_b';
