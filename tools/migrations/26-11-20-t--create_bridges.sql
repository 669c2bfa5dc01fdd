-- Why: missed dates that do not break a streak, and the outages for which that is everybody's.
-- Old rows: nobody has a bridge yet.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS amnesty (
    id INT NOT NULL AUTO_INCREMENT,
    from_utc DATETIME NOT NULL COMMENT 'UTC',
    to_utc DATETIME NOT NULL COMMENT 'UTC',
    reason VARCHAR(255) NOT NULL,
    actor VARCHAR(64) NOT NULL COMMENT 'Who declared it',
    created_at DATETIME NOT NULL COMMENT 'UTC',
    undone_at DATETIME NULL COMMENT 'UTC',
    PRIMARY KEY (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Outages for which no streak may break';

CREATE TABLE IF NOT EXISTS streak_bridge (
    user_id INT NOT NULL,
    local_date DATE NOT NULL COMMENT 'The user''s local date',
    kind ENUM('FREEZE', 'REPAIR', 'TRAVEL', 'AMNESTY') NOT NULL,
    created_at DATETIME NOT NULL COMMENT 'UTC',
    amnesty_id INT NULL COMMENT 'For AMNESTY: which',
    reason VARCHAR(255) NULL,
    PRIMARY KEY (user_id, local_date),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (amnesty_id) REFERENCES amnesty (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Missed dates that do not break a streak';

UPDATE gamify_version SET version_num = '26_11_20_t' WHERE version_num = '26_11_20_s';
