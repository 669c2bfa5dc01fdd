-- Why: daily goals count what a user does within a date of the user's own calendar.
-- Old rows: none; without goals it stays empty.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS daily_count (
    user_id INT NOT NULL,
    local_date DATE NOT NULL COMMENT 'In the user''s zone',
    event VARCHAR(64) NOT NULL,
    value INT NOT NULL,
    PRIMARY KEY (user_id, local_date, event),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'How often what daily goals count happened on a date';

UPDATE gamify_version SET version_num = '26_11_22_c' WHERE version_num = '26_11_22_a';
