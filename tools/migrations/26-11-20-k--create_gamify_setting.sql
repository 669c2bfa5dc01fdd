-- Why: what all processes must agree on and re-read now and then, first the catalog's version.
-- Old rows: none.
-- Locks: nothing that exists.

CREATE TABLE IF NOT EXISTS gamify_setting (
    name VARCHAR(64) NOT NULL,
    value VARCHAR(255) NOT NULL,
    updated_at DATETIME NOT NULL COMMENT 'UTC',
    PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    COMMENT = 'What all processes must agree on';

INSERT INTO gamify_setting (name, value, updated_at)
VALUES ('catalog_version', '1', UTC_TIMESTAMP())
ON DUPLICATE KEY UPDATE value = value;

UPDATE gamify_version SET version_num = '26_11_20_k' WHERE version_num = '26_11_20_j';
