CREATE TABLE inbox_message (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    about_id INTEGER,
    payload JSON NOT NULL,
    dedupe_key BLOB NOT NULL,
    shown BOOLEAN DEFAULT 1 NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at DATETIME,
    tell_at DATETIME,
    claimed_by VARCHAR(64),
    failures INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (user_id, dedupe_key),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY (about_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_inbox_message_page ON inbox_message (user_id, shown, id);

CREATE INDEX ix_inbox_message_unseen ON inbox_message (user_id, shown, seen_at, about_id);

CREATE INDEX ix_inbox_message_about ON inbox_message (about_id);

CREATE INDEX ix_inbox_message_tell ON inbox_message (tell_at);

CREATE TABLE inbox_preference (
    user_id INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    in_app BOOLEAN DEFAULT 1 NOT NULL,
    by_host BOOLEAN DEFAULT 1 NOT NULL,
    PRIMARY KEY (user_id, kind),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_23_e' WHERE version_num = '26_11_23_d';
