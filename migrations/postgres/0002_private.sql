-- Class private: kept apart from the record, never published, never rebuilt.

-- Secrets, each sealed under the vault key: openings, names, salts, log keys.
CREATE TABLE vault (
    kind       TEXT COLLATE "C" NOT NULL,
    village    TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    ciphertext BYTEA NOT NULL,
    PRIMARY KEY (kind, village, name)
);

-- Documents named by the record. `salt` is sealed; NULL once the document is erased.
CREATE TABLE documents (
    village     TEXT COLLATE "C" NOT NULL,
    commitment  BYTEA   NOT NULL,
    salt        BYTEA,
    media       TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    level       TEXT COLLATE "C" NOT NULL,
    display_end BIGINT,
    withdrawn   BIGINT,
    object_key  TEXT COLLATE "C" NOT NULL,
    stored      BIGINT NOT NULL,
    PRIMARY KEY (village, commitment)
);
CREATE INDEX documents_display_end ON documents (display_end);

-- Statements that wait for another signature. `side` is what travels beside the statement, sealed.
CREATE TABLE half_signed (
    village    TEXT COLLATE "C" NOT NULL,
    statement  BYTEA   NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    payload    BYTEA   NOT NULL,
    signatures TEXT COLLATE "C" NOT NULL,
    side       BYTEA,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    PRIMARY KEY (village, statement)
);
CREATE INDEX half_signed_expires ON half_signed (expires);

CREATE TABLE half_signed_waits (
    village   TEXT COLLATE "C" NOT NULL,
    statement BYTEA NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (village, statement, person),
    FOREIGN KEY (village, statement) REFERENCES half_signed (village, statement) ON DELETE CASCADE
);
CREATE INDEX half_signed_waits_person ON half_signed_waits (village, person);

CREATE TABLE drafts (
    draft   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    village TEXT COLLATE "C" NOT NULL,
    person  TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    body    TEXT COLLATE "C" NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX drafts_person ON drafts (village, person, updated);

-- Log-in sessions; the token itself is never stored. No village: an official who works in several.
CREATE TABLE sessions (
    token_hash BYTEA   NOT NULL PRIMARY KEY,
    village    TEXT COLLATE "C",
    person     TEXT COLLATE "C" NOT NULL,
    public_key BYTEA   NOT NULL,
    csrf       BYTEA   NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_public_key ON sessions (public_key);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE challenges (
    challenge BYTEA   NOT NULL PRIMARY KEY,
    expires   BIGINT NOT NULL
);
CREATE INDEX challenges_expires ON challenges (expires);

-- Open enrolment slips; the slip's secret is never sent here.
CREATE TABLE enrolments (
    enrolment TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    village   TEXT COLLATE "C" NOT NULL,
    person    TEXT COLLATE "C" NOT NULL,
    body      TEXT COLLATE "C" NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX enrolments_village ON enrolments (village, expires);
CREATE INDEX enrolments_expires ON enrolments (expires);

CREATE TABLE access_log (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    time    BIGINT NOT NULL,
    village TEXT COLLATE "C" NOT NULL,
    person  TEXT COLLATE "C",
    action  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL
);
CREATE INDEX access_log_village ON access_log (village, id);

CREATE TABLE outbox (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    village  TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    body     TEXT COLLATE "C" NOT NULL,
    created  BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    done     BIGINT
);
CREATE INDEX outbox_due ON outbox (done, due);
