-- A database as production Zeeguu has it (docs/contract.md section 4), in its own words, with rows
-- of every kind that its missing keys let in. Users 1 to 9; nobody is special.

CREATE TABLE `user` (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(50) NOT NULL,
    UNIQUE KEY unique_username (username)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE language (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code VARCHAR(5)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE user_language (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id INT,
    language_id INT,
    last_practiced DATETIME NULL,
    daily_streak INT NOT NULL DEFAULT 0,
    max_streak INT NOT NULL DEFAULT 0,
    max_streak_date DATETIME NULL,
    FOREIGN KEY (user_id) REFERENCES `user` (id),
    FOREIGN KEY (language_id) REFERENCES language (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE badge_category (
    id INT AUTO_INCREMENT PRIMARY KEY,
    metric ENUM('TRANSLATED_WORDS', 'CORRECT_EXERCISES', 'COMPLETED_AUDIO_LESSONS', 'STREAK_DAYS',
        'LEARNED_WORDS', 'READ_ARTICLES', 'FRIENDS') UNIQUE NOT NULL,
    name VARCHAR(100) NOT NULL,
    award_mechanism ENUM('COUNTER', 'GAUGE', 'ONE_TIME') NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE badge (
    id INT AUTO_INCREMENT PRIMARY KEY,
    badge_category_id INT NOT NULL,
    level INT NOT NULL,
    threshold INT NOT NULL,
    name VARCHAR(100) NULL,
    achieved_description TEXT NOT NULL,
    unachieved_description TEXT NOT NULL,
    icon_name VARCHAR(255) NULL,
    UNIQUE (badge_category_id, level),
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE user_badge (
    id INT AUTO_INCREMENT PRIMARY KEY,
    user_id INT NOT NULL,
    badge_id INT NOT NULL,
    achieved_at DATETIME DEFAULT NULL,
    is_shown BOOLEAN DEFAULT FALSE,
    UNIQUE (user_id, badge_id),
    FOREIGN KEY (user_id) REFERENCES `user` (id) ON DELETE CASCADE,
    FOREIGN KEY (badge_id) REFERENCES badge (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE user_badge_progress (
    id INT AUTO_INCREMENT PRIMARY KEY,
    user_id INT NOT NULL,
    badge_category_id INT NOT NULL,
    value INT NOT NULL,
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    UNIQUE (user_id, badge_category_id),
    FOREIGN KEY (user_id) REFERENCES `user` (id) ON DELETE CASCADE,
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE friendship (
    id INT AUTO_INCREMENT PRIMARY KEY,
    user_a_id INT NOT NULL,
    user_b_id INT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    deleted_at DATETIME NULL,
    friend_streak INT DEFAULT 0,
    friend_streak_last_updated DATETIME NULL,
    FOREIGN KEY (user_a_id) REFERENCES `user` (id),
    FOREIGN KEY (user_b_id) REFERENCES `user` (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE friend_request (
    id INT AUTO_INCREMENT PRIMARY KEY,
    sender_id INT NOT NULL,
    receiver_id INT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (sender_id) REFERENCES `user` (id),
    FOREIGN KEY (receiver_id) REFERENCES `user` (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE user_avatar (
    id INT AUTO_INCREMENT PRIMARY KEY,
    user_id INT NOT NULL UNIQUE,
    image_name VARCHAR(100),
    character_color VARCHAR(7),
    background_color VARCHAR(7),
    FOREIGN KEY (user_id) REFERENCES `user` (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO `user` (id, username) VALUES
    (1, 'ada'), (2, 'bob'), (3, 'cyd'), (4, 'dan'), (5, 'eve'), (6, 'fay'), (7, 'gus'), (8, 'hal'),
    (9, 'ivy');

INSERT INTO language (id, code) VALUES (1, 'de'), (2, 'da');

-- The pair (1, 1) twice: nothing forbids it.
INSERT INTO user_language (
    user_id, language_id, last_practiced, daily_streak, max_streak, max_streak_date
) VALUES
    (1, 1, '2026-11-18 20:00:00', 12, 40, '2026-05-02 19:00:00'),
    (1, 1, NULL, 0, 0, NULL),
    (1, 2, '2026-11-19 07:30:00', 3, 3, '2026-11-19 07:30:00'),
    (2, 1, '2025-01-01 23:59:59', 0, 7, '2024-12-01 12:00:00');

INSERT INTO badge_category (id, metric, name, award_mechanism) VALUES
    (1, 'TRANSLATED_WORDS', 'Production words', 'COUNTER'),
    (2, 'CORRECT_EXERCISES', 'Production exercises', 'COUNTER'),
    (3, 'COMPLETED_AUDIO_LESSONS', 'Production lessons', 'COUNTER'),
    (4, 'STREAK_DAYS', 'Production streak', 'GAUGE'),
    (5, 'LEARNED_WORDS', 'Production learned', 'COUNTER'),
    (6, 'READ_ARTICLES', 'Production articles', 'COUNTER'),
    (7, 'FRIENDS', 'Production friends', 'GAUGE');

INSERT INTO badge (
    badge_category_id, level, threshold, name, achieved_description, unachieved_description,
    icon_name
)
SELECT
    category.id, level.level, level.level * 10, CONCAT('Production ', level.level), 'Done.', 'To do.',
    CONCAT(LOWER(REPLACE(category.metric, '_', '-')), '.svg')
FROM badge_category AS category
CROSS JOIN (
    SELECT 1 AS level UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
) AS level
ORDER BY category.id, level.level;

INSERT INTO user_badge (user_id, badge_id, achieved_at, is_shown) VALUES
    (1, 1, '2026-03-01 10:00:00', TRUE), (1, 2, '2026-06-01 10:00:00', FALSE),
    (1, 31, NULL, NULL), (2, 16, '2026-04-01 10:00:00', FALSE);

INSERT INTO user_badge_progress (user_id, badge_category_id, value, updated_at) VALUES
    (1, 1, 27, '2026-06-01 10:00:00'), (1, 7, 4, '2026-11-01 08:00:00'),
    (2, 4, 15, '2026-04-01 10:00:00'), (9, 1, 0, NULL);

INSERT INTO user_avatar (user_id, image_name, character_color, background_color) VALUES
    (1, 'otter', '#F6D110', '#FFF9C7'), (2, NULL, NULL, NULL);

INSERT INTO friendship (
    id, user_a_id, user_b_id, created_at, deleted_at, friend_streak, friend_streak_last_updated
) VALUES
    -- as it should be
    (1, 1, 2, '2026-01-05 10:00:00', NULL, 4, UTC_TIMESTAMP() - INTERVAL 1 DAY),
    -- made twice at once; the second shows the larger streak
    (2, 1, 3, '2026-02-01 10:00:00', NULL, 2, UTC_TIMESTAMP()),
    (3, 1, 3, '2026-02-01 10:00:00', NULL, 9, UTC_TIMESTAMP()),
    -- the larger streak is over, so the smaller one is what both see
    (4, 1, 4, '2026-03-01 10:00:00', NULL, 50, '2026-03-20 10:00:00'),
    (5, 1, 4, '2026-03-02 10:00:00', NULL, 6, UTC_TIMESTAMP() - INTERVAL 1 DAY),
    -- the wrong way round, alone and beside a right one that is younger
    (6, 6, 5, '2026-04-01 10:00:00', NULL, 1, UTC_TIMESTAMP()),
    (7, 7, 2, '2026-04-02 10:00:00', NULL, 0, NULL),
    (8, 2, 7, '2026-04-09 10:00:00', NULL, NULL, NULL),
    -- ended, and friends again; ended in the wrong order
    (9, 3, 4, '2026-01-01 10:00:00', '2026-02-01 10:00:00', 8, '2026-01-31 10:00:00'),
    (10, 3, 4, '2026-05-01 10:00:00', NULL, 0, NULL),
    (11, 9, 1, '2025-01-01 10:00:00', '2025-06-01 10:00:00', 3, '2025-05-31 10:00:00'),
    (12, 1, 9, '2025-01-02 10:00:00', '2025-06-01 10:00:00', 3, '2025-05-31 10:00:00'),
    -- three times, the younger row with the smaller id, one without a date
    (13, 5, 8, '2026-07-02 10:00:00', NULL, 5, UTC_TIMESTAMP()),
    (14, 5, 8, '2026-07-01 10:00:00', NULL, 0, NULL),
    (15, 8, 5, NULL, NULL, 0, NULL),
    -- with oneself
    (16, 9, 9, '2026-08-01 10:00:00', NULL, 0, NULL);

INSERT INTO friend_request (id, sender_id, receiver_id, created_at) VALUES
    -- as it should be
    (1, 2, 3, '2026-10-01 10:00:00'),
    -- twice, and crossed; the oldest has not the smallest id
    (2, 4, 5, '2026-10-02 10:00:00'), (3, 4, 5, '2026-10-01 10:00:00'),
    (4, 5, 4, '2026-10-03 10:00:00'),
    (5, 9, 8, '2026-10-04 10:00:00'), (6, 8, 9, '2026-10-05 10:00:00'),
    -- between friends, in either order
    (7, 1, 2, '2026-10-06 10:00:00'), (8, 5, 6, '2026-10-07 10:00:00'),
    -- between those who were friends
    (9, 9, 1, '2026-10-08 10:00:00'),
    -- to oneself, and without a date
    (10, 7, 7, '2026-10-09 10:00:00'), (11, 6, 7, NULL);
