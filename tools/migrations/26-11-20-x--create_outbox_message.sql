-- Why: what is owed after a commit (a notice, a board, later a webhook) is written in the
--   transaction that causes it, so that a crash loses none of it and a rollback leaves none.
-- Old rows: none.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS outbox_message (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NULL COMMENT 'Whom it is about; order is kept per user',
    topic VARCHAR(64) NOT NULL COMMENT 'e.g. badge.earned',
    payload JSON NOT NULL,
    created_at DATETIME NOT NULL COMMENT 'UTC',
    due_at DATETIME NOT NULL COMMENT 'UTC; later after each failure, 9999 once it is parked',
    attempts INT NOT NULL DEFAULT 0 COMMENT 'How often it failed',
    claimed_by VARCHAR(64) NULL COMMENT 'Which process delivers it',
    lease_until DATETIME NULL COMMENT 'UTC; then anybody may take it over',
    error VARCHAR(255) NULL COMMENT 'Why it failed last',
    PRIMARY KEY (id),
    KEY ix_outbox_message_due (due_at, id),
    KEY ix_outbox_message_user (user_id, id),
    KEY ix_outbox_message_lease (lease_until),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What is owed after a commit; a row goes when it is delivered';

UPDATE gamify_version SET version_num = '26_11_20_x' WHERE version_num = '26_11_20_w';
