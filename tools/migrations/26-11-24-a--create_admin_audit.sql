-- Why: whoever changes something in the panel says why, and can be asked later.
-- Old rows: none.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS admin_audit (
    id BIGINT NOT NULL AUTO_INCREMENT,
    actor_id INT NULL COMMENT 'Who did it',
    at DATETIME NOT NULL COMMENT 'UTC',
    form_id VARCHAR(32) NOT NULL COMMENT 'Of the form that was sent; sent twice, it counts once',
    action VARCHAR(64) NOT NULL COMMENT 'e.g. badge.revoke',
    subject VARCHAR(255) NOT NULL COMMENT 'What it was done to, in words',
    user_id INT NULL COMMENT 'Whom it is about',
    reason VARCHAR(255) NOT NULL,
    old_values JSON NULL,
    new_values JSON NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_admin_audit_form (form_id),
    KEY ix_admin_audit_at (at),
    FOREIGN KEY (actor_id) REFERENCES `user` (`id`) ON DELETE SET NULL,
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Append-only history of changes in the panel';

UPDATE gamify_version SET version_num = '26_11_24_a' WHERE version_num = '26_11_23_e';
