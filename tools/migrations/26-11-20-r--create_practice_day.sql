-- Why: the ledger of practice, the truth under every streak.
-- Old rows: streaks that run are taken over by `flask gamify streaks open`.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS practice_day (
    user_id INT NOT NULL,
    language_id INT NOT NULL COMMENT '0 on a host without languages',
    local_date DATE NOT NULL COMMENT 'In the zone of the row',
    source VARCHAR(8) NOT NULL COMMENT 'activity or opening',
    zone VARCHAR(64) NOT NULL COMMENT 'The user''s IANA zone at that instant',
    first_at DATETIME NULL
        COMMENT 'UTC instant of the first practice of the date; NULL for an opening',
    PRIMARY KEY (user_id, language_id, local_date),
    KEY ix_practice_day_date (user_id, local_date),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'The dates on which users practised: the truth under every streak';

UPDATE gamify_version SET version_num = '26_11_20_r' WHERE version_num = '26_11_20_q';
