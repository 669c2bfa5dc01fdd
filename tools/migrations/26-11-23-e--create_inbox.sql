-- Why: users find in the app what they were told: badges, levels, friends, streaks, seasons; and
--   say how they wish to be told.
-- Old rows: none; nobody is told of what was before.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS inbox_message (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    kind VARCHAR(16) NOT NULL COMMENT 'badge, level, friend, streak or season',
    about_id INT NULL COMMENT 'The other user; the message goes with that user too',
    payload JSON NOT NULL,
    dedupe_key VARBINARY(190) NOT NULL
        COMMENT 'What it is about: told once, whatever is delivered again',
    shown BOOLEAN NOT NULL DEFAULT 1 COMMENT '0: dismissed, or only for the host to tell',
    created_at DATETIME NOT NULL COMMENT 'UTC',
    seen_at DATETIME NULL COMMENT 'UTC',
    tell_at DATETIME NULL
        COMMENT 'UTC; when streams and the host are to be told. None: they were, or it is given up',
    claimed_by VARCHAR(64) NULL
        COMMENT 'Which process told it last; until tell_at it has it alone',
    failures INT NOT NULL DEFAULT 0 COMMENT 'How often the host could not be told',
    PRIMARY KEY (id),
    UNIQUE KEY user_id (user_id, dedupe_key),
    KEY ix_inbox_message_page (user_id, shown, id),
    KEY ix_inbox_message_unseen (user_id, shown, seen_at, about_id),
    KEY ix_inbox_message_about (about_id),
    KEY ix_inbox_message_tell (tell_at),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (about_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What users are told in the app';

CREATE TABLE IF NOT EXISTS inbox_preference (
    user_id INT NOT NULL,
    kind VARCHAR(16) NOT NULL COMMENT 'As in inbox_message',
    in_app BOOLEAN NOT NULL DEFAULT 1 COMMENT 'In the inbox',
    by_host BOOLEAN NOT NULL DEFAULT 1 COMMENT 'By whatever the host does: e-mail, push',
    PRIMARY KEY (user_id, kind),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'How users wish to be told of what';

UPDATE gamify_version SET version_num = '26_11_23_e' WHERE version_num = '26_11_23_d';
