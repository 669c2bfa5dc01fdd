-- Why: a period of a board closes once, and who stood where then is kept.
-- Old rows: none.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS season (
    id INT NOT NULL AUTO_INCREMENT,
    board VARCHAR(32) NOT NULL,
    period ENUM('DAY', 'WEEK', 'MONTH', 'ALL') NOT NULL,
    starts DATE NOT NULL COMMENT 'The first local date that counts',
    ends DATE NOT NULL COMMENT 'The last local date that counts',
    state ENUM('OPEN', 'CLOSING', 'SETTLED') NOT NULL,
    closes_at DATETIME NOT NULL COMMENT 'UTC; by then the last date is over in every zone',
    settled_at DATETIME NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY uq_season (board, period, starts)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Periods of boards that close once';

CREATE TABLE IF NOT EXISTS season_standing (
    season_id INT NOT NULL,
    user_id INT NOT NULL,
    place INT NOT NULL COMMENT 'Ties share a place: 1, 2, 2, 4',
    score BIGINT NOT NULL,
    prize VARCHAR(64) NULL COMMENT 'The code of a badge',
    claimed_at DATETIME NULL COMMENT 'UTC; the prize was given',
    PRIMARY KEY (season_id, user_id),
    KEY ix_season_standing_place (season_id, place, user_id),
    FOREIGN KEY (season_id) REFERENCES season (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Where users stood when a season closed';

UPDATE gamify_version SET version_num = '26_11_20_z' WHERE version_num = '26_11_20_y';
