-- Why: the tables of the badges, as production Zeeguu has them, name for name and column for
--   column. Later files add what is ours.
-- Old rows: a table that is there stays as it is, with its rows.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS gamify_version (
    version_num VARCHAR(32) NOT NULL,
    PRIMARY KEY (version_num)
);

CREATE TABLE IF NOT EXISTS badge_category (
    id INT NOT NULL AUTO_INCREMENT,
    metric ENUM(
        'TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
        'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS'
    ) NOT NULL,
    name VARCHAR(100) NOT NULL,
    award_mechanism ENUM('COUNTER', 'GAUGE', 'ONE_TIME') NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (metric)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS badge (
    id INT NOT NULL AUTO_INCREMENT,
    badge_category_id INT NOT NULL,
    level INT NOT NULL,
    threshold INT NOT NULL,
    name VARCHAR(100) NULL,
    achieved_description TEXT NOT NULL,
    unachieved_description TEXT NOT NULL,
    icon_name VARCHAR(255) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (badge_category_id, level),
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS user_badge (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    badge_id INT NOT NULL,
    achieved_at DATETIME DEFAULT NULL,
    is_shown BOOLEAN DEFAULT FALSE,
    PRIMARY KEY (id),
    UNIQUE KEY (user_id, badge_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (badge_id) REFERENCES badge (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS user_badge_progress (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    badge_category_id INT NOT NULL,
    value INT NOT NULL,
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY (user_id, badge_category_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO gamify_version (version_num)
SELECT '26_11_20_a' FROM DUAL WHERE NOT EXISTS (SELECT * FROM gamify_version);
