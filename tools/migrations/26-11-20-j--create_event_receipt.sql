-- Why: the events that were counted, so that none counts twice, however late it is sent again.
-- Old rows: events counted before have no receipt.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS event_receipt (
    source VARBINARY(64) NOT NULL COMMENT 'Who gave the id',
    event_id VARBINARY(128) NOT NULL,
    user_id INT NOT NULL,
    event VARCHAR(64) NOT NULL,
    object_id VARBINARY(128) NULL
        COMMENT 'What was completed; counts once per user and event',
    amount INT NOT NULL,
    occurred_at DATETIME NOT NULL COMMENT 'UTC',
    received_at DATETIME NOT NULL COMMENT 'UTC',
    PRIMARY KEY (source, event_id),
    UNIQUE KEY uq_event_receipt_object (user_id, event, object_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Events that were counted';

UPDATE gamify_version SET version_num = '26_11_20_j' WHERE version_num = '26_11_20_i';
