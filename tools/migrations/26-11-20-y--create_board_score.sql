-- Why: the scores on boards, with an index that every ranking is read from.
-- Old rows: none; `flask gamify boards rebuild` makes them from ledger_entry.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS board_score (
    board VARCHAR(32) NOT NULL COMMENT 'e.g. exp',
    period ENUM('DAY', 'WEEK', 'MONTH', 'ALL') NOT NULL,
    starts DATE NOT NULL COMMENT 'The first local date that counts; 1970-01-01 for ALL',
    language_id INT NOT NULL COMMENT '0: whatever the language',
    user_id INT NOT NULL,
    score BIGINT NOT NULL,
    listed BOOLEAN NOT NULL DEFAULT 1
        COMMENT '0: opted out or anonymous, on nobody''s board',
    PRIMARY KEY (board, period, starts, language_id, user_id),
    KEY ix_board_score_rank (board, period, starts, language_id, listed, score, user_id),
    KEY ix_board_score_user (user_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Scores per board and period: the sums of ledger entries';

UPDATE gamify_version SET version_num = '26_11_20_y' WHERE version_num = '26_11_20_x';
