-- Why: the append-only history of grants: what, when, by whom, through which event.
-- Old rows: badges held before have no line here; their user_badge row says when.
-- Locks: nothing that exists; creating the foreign keys waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS badge_award_log (
    id BIGINT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    badge_id INT NOT NULL,
    context VARBINARY(64) NOT NULL DEFAULT '',
    action ENUM('GRANTED', 'REVOKED', 'LIFTED') NOT NULL,
    at DATETIME NOT NULL COMMENT 'UTC',
    event VARCHAR(64) NULL COMMENT 'The event that caused it',
    event_id VARBINARY(128) NULL,
    actor_id INT NULL COMMENT 'The moderator; NULL: the rules',
    reason VARCHAR(255) NULL,
    PRIMARY KEY (id),
    KEY ix_badge_award_log_at (at),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE,
    FOREIGN KEY (badge_id) REFERENCES badge (id),
    FOREIGN KEY (actor_id) REFERENCES `user` (`id`) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Append-only history of grants';

UPDATE gamify_version SET version_num = '26_11_20_i' WHERE version_num = '26_11_20_h';
