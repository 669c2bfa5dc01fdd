CREATE TABLE job_run (
    job VARCHAR(64) NOT NULL,
    period VARCHAR(32) NOT NULL,
    state VARCHAR(7) NOT NULL,
    holder VARCHAR(64) NOT NULL,
    lease_until DATETIME NOT NULL,
    cursor INTEGER NOT NULL,
    summary VARCHAR(255),
    started_at DATETIME NOT NULL,
    finished_at DATETIME,
    PRIMARY KEY (job, period)
);

UPDATE gamify_version SET version_num = '26_11_20_v' WHERE version_num = '26_11_20_u';
