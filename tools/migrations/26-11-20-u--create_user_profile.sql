-- Why: what users own, first their freezes and EXP, and the append-only entries that it sums.
-- Old rows: nobody owns anything yet.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS user_profile (
    user_id INT NOT NULL,
    freezes INT NOT NULL DEFAULT 0 COMMENT 'Never below zero',
    on_boards BOOLEAN NOT NULL DEFAULT 1
        COMMENT '0: the user wants to be on nobody''s EXP board',
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What a user owns and wants';

CREATE TABLE IF NOT EXISTS ledger_entry (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    asset ENUM('FREEZES', 'EXP') NOT NULL,
    amount INT NOT NULL COMMENT 'Negative when spent',
    at DATETIME NOT NULL COMMENT 'UTC',
    reason VARCHAR(255) NOT NULL,
    local_date DATE NULL
        COMMENT 'On which boards it counts: the user''s local date at that instant',
    language_id INT NOT NULL DEFAULT 0 COMMENT '0: none',
    object_id VARBINARY(128) NULL COMMENT 'What was completed for it, to take it back by',
    PRIMARY KEY (id),
    KEY ix_ledger_entry_user (user_id, asset, local_date),
    KEY ix_ledger_entry_date (asset, local_date),
    KEY ix_ledger_entry_object (user_id, object_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Append-only changes of what users own';

CREATE TABLE IF NOT EXISTS exp_allowance (
    user_id INT NOT NULL,
    cause VARCHAR(64) NOT NULL,
    local_date DATE NOT NULL COMMENT 'The user''s local date',
    used INT NOT NULL,
    PRIMARY KEY (user_id, cause, local_date),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'EXP earned per user, cause and day, where that is capped';

UPDATE gamify_version SET version_num = '26_11_20_u' WHERE version_num = '26_11_20_t';
