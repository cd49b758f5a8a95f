-- Class private: before a session. Who was told of it is personal data and never on record.

-- A member was told of a session. `batch`: one filling of the form; `how`: by which way; `confirmed`: the member said so. Nothing is
-- changed or removed but that a row is taken back: `undone` and by whom.
CREATE TABLE service_notes (
    village   TEXT   NOT NULL,
    session   TEXT   NOT NULL,
    batch     TEXT   NOT NULL,
    person    TEXT   NOT NULL,
    how       TEXT   NOT NULL,
    confirmed BIGINT NOT NULL,
    told      BIGINT NOT NULL,
    noted_by  TEXT   NOT NULL,
    noted     BIGINT NOT NULL,
    undone    BIGINT,
    undone_by TEXT,
    PRIMARY KEY (village, session, batch, person)
);

-- A member's key was used to log in since the session was called: it works. The last time.
CREATE TABLE key_tests (
    village    TEXT   NOT NULL,
    session    TEXT   NOT NULL,
    public_key BYTEA  NOT NULL,
    tested     BIGINT NOT NULL,
    PRIMARY KEY (village, session, public_key)
);

-- Who does what at a session besides those whom the record names: door, terminals, mobile box. In the clerk's own words.
CREATE TABLE duties (
    village  TEXT   NOT NULL,
    session  TEXT   NOT NULL,
    duty     TEXT   NOT NULL,
    who      TEXT   NOT NULL,
    noted_by TEXT   NOT NULL,
    noted    BIGINT NOT NULL,
    PRIMARY KEY (village, session, duty)
);
