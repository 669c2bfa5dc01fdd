CREATE TABLE admin_audit (
    id INTEGER NOT NULL,
    actor_id INTEGER,
    at DATETIME NOT NULL,
    form_id VARCHAR(32) NOT NULL,
    action VARCHAR(64) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    user_id INTEGER,
    reason VARCHAR(255) NOT NULL,
    old_values JSON,
    new_values JSON,
    PRIMARY KEY (id),
    CONSTRAINT uq_admin_audit_form UNIQUE (form_id),
    FOREIGN KEY (actor_id) REFERENCES user (id) ON DELETE SET NULL,
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_admin_audit_at ON admin_audit (at);

UPDATE gamify_version SET version_num = '26_11_24_a' WHERE version_num = '26_11_23_e';
