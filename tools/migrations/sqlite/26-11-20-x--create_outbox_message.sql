CREATE TABLE outbox_message (
    id INTEGER NOT NULL,
    user_id INTEGER,
    topic VARCHAR(64) NOT NULL,
    payload JSON NOT NULL,
    created_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    claimed_by VARCHAR(64),
    lease_until DATETIME,
    error VARCHAR(255),
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_outbox_message_due ON outbox_message (due_at, id);

CREATE INDEX ix_outbox_message_user ON outbox_message (user_id, id);

CREATE INDEX ix_outbox_message_lease ON outbox_message (lease_until);

UPDATE gamify_version SET version_num = '26_11_20_x' WHERE version_num = '26_11_20_w';
