CREATE TABLE activity_day (
    user_id INTEGER NOT NULL,
    metric VARCHAR(16) NOT NULL,
    utc_day DATE NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (user_id, metric, utc_day),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_21_a' WHERE version_num = '26_11_20_z';
