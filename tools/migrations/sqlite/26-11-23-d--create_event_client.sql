CREATE TABLE event_client (
    name BLOB NOT NULL,
    events JSON NOT NULL,
    secrets JSON NOT NULL,
    created_at DATETIME NOT NULL,
    disabled_at DATETIME,
    PRIMARY KEY (name)
);

UPDATE gamify_version SET version_num = '26_11_23_d' WHERE version_num = '26_11_23_c';
