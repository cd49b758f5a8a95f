-- Log-in by an account elsewhere: who asked, which accounts are linked to which keys.

-- The account that began a log-in session; none: a key did.
ALTER TABLE sessions ADD COLUMN account BYTEA;
CREATE INDEX sessions_account ON sessions (account);

-- Class passing: a browser on its way to the provider and back. `ask`: SHA-256 of what it brings back and of what its cookie alone knows.
CREATE TABLE provider_asks (
    ask     BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT   NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX provider_asks_expires ON provider_asks (expires);

-- Class passing: an account that came back to be linked to the key of a log-in session, until its holder says so.
CREATE TABLE offered_accounts (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account    BYTEA NOT NULL,
    label      TEXT   NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX offered_accounts_expires ON offered_accounts (expires);

-- Class private: accounts that log their holders in. `account`: a keyed hash of issuer and account; neither can be read from it.
CREATE TABLE identities (
    account    BYTEA NOT NULL PRIMARY KEY,
    issuer     TEXT   NOT NULL,
    village    TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    public_key BYTEA NOT NULL,
    linked     BIGINT NOT NULL
);
CREATE UNIQUE INDEX identities_public_key ON identities (public_key);

-- Class private: that the holder of a key which is to be enrolled said elsewhere who they are, and bears the person's name there.
CREATE TABLE identity_checks (
    village    TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    public_key BYTEA NOT NULL,
    issuer     TEXT   NOT NULL,
    checked    BIGINT NOT NULL,
    PRIMARY KEY (village, person, public_key)
);
