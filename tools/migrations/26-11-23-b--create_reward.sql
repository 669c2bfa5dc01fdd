-- Why: what coins buy, and who has bought it.
-- Old rows: none; without rewards there is nothing to buy.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS reward (
    id INT NOT NULL AUTO_INCREMENT,
    code VARCHAR(64) NOT NULL,
    name VARCHAR(100) NOT NULL,
    description VARCHAR(255) NOT NULL DEFAULT '',
    kind VARCHAR(32) NOT NULL COMMENT 'freezes, or what the host gives',
    amount INT NOT NULL DEFAULT 1 COMMENT 'So many of the kind',
    cost INT NOT NULL COMMENT 'Coins',
    stock INT NULL COMMENT '0: none left; NULL: unlimited',
    per_user INT NULL COMMENT 'So many for each user; NULL: unlimited',
    starts_at DATETIME NULL COMMENT 'UTC; to be had from then on',
    ends_at DATETIME NULL COMMENT 'UTC; from then on no more',
    PRIMARY KEY (id),
    UNIQUE KEY code (code)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What coins buy';

CREATE TABLE IF NOT EXISTS reward_redemption (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    reward_id INT NOT NULL,
    cost INT NOT NULL COMMENT 'The coins that were paid',
    status ENUM('GRANTED', 'REFUNDED') NOT NULL,
    idempotency_key VARBINARY(128) NULL
        COMMENT 'Of the client: the same key is the same purchase',
    redeemed_at DATETIME NOT NULL COMMENT 'UTC',
    refunded_at DATETIME NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY user_id (user_id, idempotency_key),
    KEY ix_reward_redemption_reward (reward_id, user_id),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (reward_id) REFERENCES reward (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Who bought which reward';

UPDATE gamify_version SET version_num = '26_11_23_b' WHERE version_num = '26_11_23_a';
