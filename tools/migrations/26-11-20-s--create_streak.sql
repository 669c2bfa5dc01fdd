-- Why: the newest run of practice days of a user, and the longest, per language and overall, so
--   that practising and reading need not look at the ledger.
-- Old rows: streaks that run are taken over by `flask gamify streaks open`.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS streak (
    user_id INT NOT NULL,
    language_id INT NOT NULL COMMENT '0: over all languages',
    current INT NOT NULL COMMENT 'Practised dates of the newest run',
    started DATE NOT NULL COMMENT 'First date of the newest run',
    last_date DATE NOT NULL COMMENT 'Last practised date',
    covered_to DATE NOT NULL COMMENT 'Last date that was practised or bridged',
    bridged DATE NULL COMMENT 'Last bridged date of the newest run',
    zone VARCHAR(64) NOT NULL COMMENT 'The user''s zone at the last practice',
    longest INT NOT NULL,
    longest_end DATE NULL COMMENT 'Last date of the first longest run',
    longest_at DATETIME NULL COMMENT 'UTC instant that completed the first longest run',
    floor INT NOT NULL DEFAULT 0
        COMMENT 'Longest run before us: no recomputation goes below',
    floor_at DATETIME NULL COMMENT 'UTC, when the floor was reached',
    PRIMARY KEY (user_id, language_id),
    KEY ix_streak_covered_to (covered_to),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'The newest run of practice days of a user, and the longest';

UPDATE gamify_version SET version_num = '26_11_20_s' WHERE version_num = '26_11_20_r';
