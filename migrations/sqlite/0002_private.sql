-- Class private: kept apart from the record, never published, never rebuilt.

-- Secrets, each sealed under the vault key: openings, names, salts, log keys.
CREATE TABLE vault (
    kind       TEXT NOT NULL,
    village    TEXT NOT NULL,
    name       TEXT NOT NULL,
    ciphertext BLOB NOT NULL,
    PRIMARY KEY (kind, village, name)
);

-- Documents named by the record. `salt` is sealed; NULL once the document is erased.
CREATE TABLE documents (
    village     TEXT   NOT NULL,
    commitment  BLOB   NOT NULL,
    salt        BLOB,
    media       TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    level       TEXT   NOT NULL,
    display_end BIGINT,
    withdrawn   BIGINT,
    object_key  TEXT   NOT NULL,
    stored      BIGINT NOT NULL,
    PRIMARY KEY (village, commitment)
);
CREATE INDEX documents_display_end ON documents (display_end);

-- Statements that wait for another signature. `side` is what travels beside the statement, sealed.
CREATE TABLE half_signed (
    village    TEXT   NOT NULL,
    statement  BLOB   NOT NULL,
    kind       TEXT   NOT NULL,
    payload    BLOB   NOT NULL,
    signatures TEXT   NOT NULL,
    side       BLOB,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    PRIMARY KEY (village, statement)
);
CREATE INDEX half_signed_expires ON half_signed (expires);

CREATE TABLE half_signed_waits (
    village   TEXT NOT NULL,
    statement BLOB NOT NULL,
    person    TEXT NOT NULL,
    PRIMARY KEY (village, statement, person),
    FOREIGN KEY (village, statement) REFERENCES half_signed (village, statement) ON DELETE CASCADE
);
CREATE INDEX half_signed_waits_person ON half_signed_waits (village, person);

CREATE TABLE drafts (
    draft   TEXT   NOT NULL PRIMARY KEY,
    village TEXT   NOT NULL,
    person  TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX drafts_person ON drafts (village, person, updated);

-- Log-in sessions; the token itself is never stored. No village: an official who works in several.
CREATE TABLE sessions (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    village    TEXT,
    person     TEXT   NOT NULL,
    public_key BLOB   NOT NULL,
    csrf       BLOB   NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_public_key ON sessions (public_key);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE challenges (
    challenge BLOB   NOT NULL PRIMARY KEY,
    expires   BIGINT NOT NULL
);
CREATE INDEX challenges_expires ON challenges (expires);

-- Open enrolment slips; the slip's secret is never sent here.
CREATE TABLE enrolments (
    enrolment TEXT   NOT NULL PRIMARY KEY,
    village   TEXT   NOT NULL,
    person    TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX enrolments_village ON enrolments (village, expires);
CREATE INDEX enrolments_expires ON enrolments (expires);

CREATE TABLE access_log (
    id      TEXT   NOT NULL PRIMARY KEY,
    time    BIGINT NOT NULL,
    village TEXT   NOT NULL,
    person  TEXT,
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL
);
CREATE INDEX access_log_village ON access_log (village, id);

CREATE TABLE outbox (
    id       TEXT   NOT NULL PRIMARY KEY,
    village  TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    done     BIGINT
);
CREATE INDEX outbox_due ON outbox (done, due);
