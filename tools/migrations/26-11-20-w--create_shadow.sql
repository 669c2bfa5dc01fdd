-- Why: shadow mode counts beside the host without touching its tables, and keeps where the two
--   disagree, so that a host may watch before it cuts over.
-- Old rows: none.
-- Locks: nothing that exists; user and badge_category for a moment, for the foreign keys.

CREATE TABLE IF NOT EXISTS shadow_progress (
    user_id INT NOT NULL,
    badge_category_id INT NOT NULL,
    value INT NOT NULL,
    PRIMARY KEY (user_id, badge_category_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Progress as shadow mode counts it beside the host';

CREATE TABLE IF NOT EXISTS shadow_difference (
    user_id INT NOT NULL,
    subject VARCHAR(80) NOT NULL COMMENT 'e.g. progress TRANSLATED_WORDS',
    expected VARCHAR(255) NOT NULL COMMENT 'What we would have written',
    found VARCHAR(255) NOT NULL COMMENT 'What the host has written',
    event VARCHAR(64) NOT NULL COMMENT 'The event after which it was seen',
    since DATETIME NOT NULL COMMENT 'UTC',
    seen_at DATETIME NOT NULL COMMENT 'UTC',
    PRIMARY KEY (user_id, subject),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Where the host and shadow mode disagree';

UPDATE gamify_version SET version_num = '26_11_20_w' WHERE version_num = '26_11_20_v';
