CREATE TABLE daily_count (
    user_id INTEGER NOT NULL,
    local_date DATE NOT NULL,
    event VARCHAR(64) NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (user_id, local_date, event),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_22_c' WHERE version_num = '26_11_22_a';
