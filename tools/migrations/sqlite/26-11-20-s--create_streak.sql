CREATE TABLE streak (
    user_id INTEGER NOT NULL,
    language_id INTEGER NOT NULL,
    current INTEGER NOT NULL,
    started DATE NOT NULL,
    last_date DATE NOT NULL,
    covered_to DATE NOT NULL,
    bridged DATE,
    zone VARCHAR(64) NOT NULL,
    longest INTEGER NOT NULL,
    longest_end DATE,
    longest_at DATETIME,
    floor INTEGER DEFAULT 0 NOT NULL,
    floor_at DATETIME,
    PRIMARY KEY (user_id, language_id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_streak_covered_to ON streak (covered_to);

UPDATE gamify_version SET version_num = '26_11_20_s' WHERE version_num = '26_11_20_r';
