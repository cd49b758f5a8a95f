-- Who may read a document: who brought it, and which entry named it first.

ALTER TABLE documents ADD COLUMN uploader TEXT;
CREATE INDEX documents_stored ON documents (stored);

-- Class derived.
CREATE TABLE naming (
    village    TEXT   NOT NULL,
    commitment BLOB   NOT NULL,
    seq        BIGINT NOT NULL,
    persons    TEXT   NOT NULL,
    PRIMARY KEY (village, commitment)
);

-- Whoever has signed, beside who is waited for.
ALTER TABLE half_signed_waits ADD COLUMN signed BIGINT NOT NULL DEFAULT 0;

-- Answers to slips are counted for each person, and go when their key is on record. They live for a day.
DROP TABLE enrolments;
CREATE TABLE enrolments (
    enrolment  TEXT   NOT NULL PRIMARY KEY,
    village    TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    public_key BLOB   NOT NULL,
    body       TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX enrolments_person ON enrolments (village, person);
CREATE INDEX enrolments_expires ON enrolments (expires);

-- Tables made from the record are made anew, so that the new one has what stands there already.
DELETE FROM projection;
DELETE FROM search_names;
DELETE FROM village_summary;
DELETE FROM matters;
DELETE FROM timeline;
DELETE FROM sessions_board;
DELETE FROM notices;
DELETE FROM tasks;
DELETE FROM people;
DELETE FROM keys;
