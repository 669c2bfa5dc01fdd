-- Why: other services hear of what happens by HTTP. What is owed to each of them is written in the
--   transaction that takes the message off the outbox, and sent afterwards, for days if need be.
-- Old rows: none.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS webhook_endpoint (
    id INT NOT NULL AUTO_INCREMENT,
    url VARCHAR(500) NOT NULL,
    topics JSON NOT NULL COMMENT 'What it hears of; none: everything',
    secrets JSON NOT NULL COMMENT 'Its keys, the newest first; until: UTC, when an old one ends',
    created_at DATETIME NOT NULL COMMENT 'UTC',
    failing_since DATETIME NULL COMMENT 'UTC; the first failure after the last success',
    disabled_at DATETIME NULL COMMENT 'UTC',
    disabled_why VARCHAR(255) NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'URLs to which messages are sent';

CREATE TABLE IF NOT EXISTS webhook_delivery (
    id BIGINT NOT NULL AUTO_INCREMENT,
    endpoint_id INT NOT NULL,
    user_id INT NULL COMMENT 'Whom it is about',
    message_id VARCHAR(64) NOT NULL COMMENT 'The same for each try and each endpoint',
    topic VARCHAR(64) NOT NULL COMMENT 'e.g. badge.earned',
    payload JSON NOT NULL,
    created_at DATETIME NOT NULL COMMENT 'UTC',
    due_at DATETIME NULL COMMENT 'UTC; none: it was received, or given up',
    attempts INT NOT NULL DEFAULT 0,
    claimed_by VARCHAR(64) NULL COMMENT 'Which process sends it',
    lease_until DATETIME NULL COMMENT 'UTC; then anybody may take it over',
    delivered_at DATETIME NULL COMMENT 'UTC',
    status INT NULL COMMENT 'What the last try was answered, of HTTP',
    error VARCHAR(255) NULL COMMENT 'Why the last try failed',
    PRIMARY KEY (id),
    KEY ix_webhook_delivery_due (endpoint_id, due_at, id),
    KEY ix_webhook_delivery_user (user_id),
    KEY ix_webhook_delivery_created (created_at),
    FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What is sent to which URL';

UPDATE gamify_version SET version_num = '26_11_23_c' WHERE version_num = '26_11_23_b';
