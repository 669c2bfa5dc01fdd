CREATE TABLE practice_day (
    user_id INTEGER NOT NULL,
    language_id INTEGER NOT NULL,
    local_date DATE NOT NULL,
    source VARCHAR(8) NOT NULL,
    zone VARCHAR(64) NOT NULL,
    first_at DATETIME,
    PRIMARY KEY (user_id, language_id, local_date),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_practice_day_date ON practice_day (user_id, local_date);

UPDATE gamify_version SET version_num = '26_11_20_r' WHERE version_num = '26_11_20_q';
