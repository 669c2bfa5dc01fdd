CREATE TABLE board_score (
    board VARCHAR(32) NOT NULL,
    period VARCHAR(5) NOT NULL,
    starts DATE NOT NULL,
    language_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    score BIGINT NOT NULL,
    listed BOOLEAN DEFAULT 1 NOT NULL,
    PRIMARY KEY (board, period, starts, language_id, user_id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_board_score_rank
ON board_score (board, period, starts, language_id, listed, score, user_id);

CREATE INDEX ix_board_score_user ON board_score (user_id);

UPDATE gamify_version SET version_num = '26_11_20_y' WHERE version_num = '26_11_20_x';
