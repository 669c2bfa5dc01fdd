CREATE TABLE reward (
    id INTEGER NOT NULL,
    code VARCHAR(64) NOT NULL,
    name VARCHAR(100) NOT NULL,
    description VARCHAR(255) DEFAULT '' NOT NULL,
    kind VARCHAR(32) NOT NULL,
    amount INTEGER DEFAULT 1 NOT NULL,
    cost INTEGER NOT NULL,
    stock INTEGER,
    per_user INTEGER,
    starts_at DATETIME,
    ends_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (code)
);

CREATE TABLE reward_redemption (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    reward_id INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    status VARCHAR(8) NOT NULL,
    idempotency_key BLOB,
    redeemed_at DATETIME NOT NULL,
    refunded_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (user_id, idempotency_key),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY (reward_id) REFERENCES reward (id)
);

CREATE INDEX ix_reward_redemption_reward ON reward_redemption (reward_id, user_id);

UPDATE gamify_version SET version_num = '26_11_23_b' WHERE version_num = '26_11_23_a';
