-- Why: what users own, first their freezes, and the append-only entries that it sums.
-- Old rows: nobody owns anything yet.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS user_profile (
    user_id INT NOT NULL,
    freezes INT NOT NULL DEFAULT 0 COMMENT 'Never below zero',
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What a user owns: the sums of the ledger entries';

CREATE TABLE IF NOT EXISTS ledger_entry (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    asset ENUM('FREEZES') NOT NULL,
    amount INT NOT NULL COMMENT 'Negative when spent',
    at DATETIME NOT NULL COMMENT 'UTC',
    reason VARCHAR(255) NOT NULL,
    PRIMARY KEY (id),
    KEY ix_ledger_entry_user (user_id, asset),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Append-only changes of what users own';

UPDATE gamify_version SET version_num = '26_11_20_u' WHERE version_num = '26_11_20_t';
