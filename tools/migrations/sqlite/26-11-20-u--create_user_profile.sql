CREATE TABLE user_profile (
    user_id INTEGER NOT NULL,
    freezes INTEGER DEFAULT 0 NOT NULL,
    on_boards BOOLEAN DEFAULT 1 NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE TABLE ledger_entry (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    asset VARCHAR(7) NOT NULL,
    amount INTEGER NOT NULL,
    at DATETIME NOT NULL,
    reason VARCHAR(255) NOT NULL,
    local_date DATE,
    language_id INTEGER DEFAULT 0 NOT NULL,
    object_id BLOB,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

CREATE INDEX ix_ledger_entry_date ON ledger_entry (asset, local_date);

CREATE INDEX ix_ledger_entry_user ON ledger_entry (user_id, asset, local_date);

CREATE INDEX ix_ledger_entry_object ON ledger_entry (user_id, object_id);

CREATE TABLE exp_allowance (
    user_id INTEGER NOT NULL,
    cause VARCHAR(64) NOT NULL,
    local_date DATE NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (user_id, cause, local_date),
    FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
);

UPDATE gamify_version SET version_num = '26_11_20_u' WHERE version_num = '26_11_20_t';
