CREATE TABLE shadow_progress (
    user_id INTEGER NOT NULL,
    badge_category_id INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (user_id, badge_category_id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY (badge_category_id) REFERENCES badge_category (id)
);

CREATE TABLE shadow_difference (
    user_id INTEGER NOT NULL,
    subject VARCHAR(80) NOT NULL,
    expected VARCHAR(255) NOT NULL,
    found VARCHAR(255) NOT NULL,
    event VARCHAR(64) NOT NULL,
    since DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, subject),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_20_w' WHERE version_num = '26_11_20_v';
