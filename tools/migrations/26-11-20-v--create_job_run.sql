-- Why: what the jobs have done, by period: the fence that lets several schedulers do no harm.
-- Old rows: none.
-- Locks: nothing that exists.

CREATE TABLE IF NOT EXISTS job_run (
    job VARCHAR(64) NOT NULL,
    period VARCHAR(32) NOT NULL COMMENT 'ISO instant, UTC',
    state ENUM('RUNNING', 'DONE') NOT NULL,
    holder VARCHAR(64) NOT NULL COMMENT 'Which process has the lease',
    lease_until DATETIME NOT NULL COMMENT 'UTC',
    `cursor` INT NOT NULL COMMENT 'What comes after this id is still to do',
    summary VARCHAR(255) NULL COMMENT 'What it did, in a line',
    started_at DATETIME NOT NULL COMMENT 'UTC',
    finished_at DATETIME NULL COMMENT 'UTC',
    PRIMARY KEY (job, period)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What the jobs have done, by period';

UPDATE gamify_version SET version_num = '26_11_20_v' WHERE version_num = '26_11_20_u';
