CREATE TABLE webhook_endpoint (
    id INTEGER NOT NULL,
    url VARCHAR(500) NOT NULL,
    topics JSON NOT NULL,
    secrets JSON NOT NULL,
    created_at DATETIME NOT NULL,
    failing_since DATETIME,
    disabled_at DATETIME,
    disabled_why VARCHAR(255),
    PRIMARY KEY (id)
);

CREATE TABLE webhook_delivery (
    id INTEGER NOT NULL,
    endpoint_id INTEGER NOT NULL,
    user_id INTEGER,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(64) NOT NULL,
    payload JSON NOT NULL,
    created_at DATETIME NOT NULL,
    due_at DATETIME,
    attempts INTEGER DEFAULT 0 NOT NULL,
    claimed_by VARCHAR(64),
    lease_until DATETIME,
    delivered_at DATETIME,
    status INTEGER,
    error VARCHAR(255),
    PRIMARY KEY (id),
    FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_webhook_delivery_due ON webhook_delivery (endpoint_id, due_at, id);

CREATE INDEX ix_webhook_delivery_user ON webhook_delivery (user_id);

CREATE INDEX ix_webhook_delivery_created ON webhook_delivery (created_at);

UPDATE gamify_version SET version_num = '26_11_23_c' WHERE version_num = '26_11_23_b';
