CREATE TABLE user_block (
    blocker_id INTEGER NOT NULL,
    blocked_id INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id),
    FOREIGN KEY (blocker_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY (blocked_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_block_blocked ON user_block (blocked_id);

UPDATE gamify_version SET version_num = '26_11_20_q' WHERE version_num = '26_11_20_p';
