-- Why: who does not want to be seen by whom.
-- Old rows: nobody blocks anybody yet.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS user_block (
    blocker_id INT NOT NULL,
    blocked_id INT NOT NULL,
    created_at DATETIME NOT NULL COMMENT 'UTC',
    PRIMARY KEY (blocker_id, blocked_id),
    KEY ix_user_block_blocked (blocked_id),
    FOREIGN KEY (blocker_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (blocked_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'To the blocked, the blocker looks like an unknown user';

UPDATE gamify_version SET version_num = '26_11_20_q' WHERE version_num = '26_11_20_p';
