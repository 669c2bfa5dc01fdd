CREATE TABLE amnesty (
    id INTEGER NOT NULL,
    from_utc DATETIME NOT NULL,
    to_utc DATETIME NOT NULL,
    reason VARCHAR(255) NOT NULL,
    actor VARCHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    undone_at DATETIME,
    PRIMARY KEY (id)
);

CREATE TABLE streak_bridge (
    user_id INTEGER NOT NULL,
    local_date DATE NOT NULL,
    kind VARCHAR(7) NOT NULL,
    created_at DATETIME NOT NULL,
    amnesty_id INTEGER,
    reason VARCHAR(255),
    PRIMARY KEY (user_id, local_date),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY (amnesty_id) REFERENCES amnesty (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_20_t' WHERE version_num = '26_11_20_s';
