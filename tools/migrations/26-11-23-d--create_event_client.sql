-- Why: other services tell of events by HTTP; each has keys of its own, by which it signs.
-- Old rows: none.
-- Locks: nothing.

CREATE TABLE IF NOT EXISTS event_client (
    name VARBINARY(50) NOT NULL COMMENT 'client:<name> is the source of its events',
    events JSON NOT NULL COMMENT 'What it may tell',
    secrets JSON NOT NULL COMMENT 'Its keys, the newest first; until: UTC, when an old one ends',
    created_at DATETIME NOT NULL COMMENT 'UTC',
    disabled_at DATETIME NULL COMMENT 'UTC',
    PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'Services that send events';

UPDATE gamify_version SET version_num = '26_11_23_d' WHERE version_num = '26_11_23_c';
