-- Why: what users did on each closed UTC day, so that a board adds up days instead of sessions.
-- Old rows: none; the job activity_rollup fills it, until then boards read the host's own rows.
-- Locks: nothing that exists; creating the foreign key waits for open transactions on `user`.

CREATE TABLE IF NOT EXISTS activity_day (
    user_id INT NOT NULL,
    metric VARCHAR(16) NOT NULL COMMENT 'e.g. reading_time',
    utc_day DATE NOT NULL COMMENT 'On which the activity began, in UTC',
    value BIGINT NOT NULL COMMENT 'Milliseconds or a count, as the metric has it',
    PRIMARY KEY (user_id, metric, utc_day),
    FOREIGN KEY (user_id) REFERENCES `user` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Sums of the host''s activity rows per closed UTC day';

UPDATE gamify_version SET version_num = '26_11_21_a' WHERE version_num = '26_11_20_z';
