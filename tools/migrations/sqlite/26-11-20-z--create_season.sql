CREATE TABLE season (
    id INTEGER NOT NULL,
    board VARCHAR(32) NOT NULL,
    period VARCHAR(5) NOT NULL,
    starts DATE NOT NULL,
    ends DATE NOT NULL,
    state VARCHAR(7) NOT NULL,
    closes_at DATETIME NOT NULL,
    settled_at DATETIME,
    PRIMARY KEY (id),
    CONSTRAINT uq_season UNIQUE (board, period, starts)
);

CREATE TABLE season_standing (
    season_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    score BIGINT NOT NULL,
    prize VARCHAR(64),
    claimed_at DATETIME,
    PRIMARY KEY (season_id, user_id),
    FOREIGN KEY (season_id) REFERENCES season (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_season_standing_place ON season_standing (season_id, place, user_id);

UPDATE gamify_version SET version_num = '26_11_20_z' WHERE version_num = '26_11_20_y';
