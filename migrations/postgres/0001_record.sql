-- Class record: what everything else is made from. Only ever appended to.
-- COLLATE "C": both engines compare and order text by its bytes, whatever the server's language.

-- One head row a village: the guard of every append.
CREATE TABLE villages (
    village   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    origin    TEXT COLLATE "C" NOT NULL,
    size      BIGINT NOT NULL,
    frontier  BYTEA   NOT NULL,
    last_time BIGINT NOT NULL,
    last_leaf BYTEA   NOT NULL
);
CREATE UNIQUE INDEX villages_origin ON villages (origin);

CREATE TABLE entries (
    village   TEXT COLLATE "C" NOT NULL REFERENCES villages (village),
    seq       BIGINT NOT NULL,
    time      BIGINT NOT NULL,
    leaf      BYTEA   NOT NULL,
    statement BYTEA   NOT NULL,
    bytes     BYTEA   NOT NULL,
    PRIMARY KEY (village, seq)
);
-- A statement is recorded once in a village: a replay is refused here at the latest.
CREATE UNIQUE INDEX entries_statement ON entries (village, statement);

CREATE TABLE tiles (
    village TEXT COLLATE "C" NOT NULL REFERENCES villages (village),
    level   BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    hashes  BYTEA   NOT NULL,
    PRIMARY KEY (village, level, n)
);

CREATE TABLE checkpoints (
    village TEXT COLLATE "C" NOT NULL REFERENCES villages (village),
    size    BIGINT NOT NULL,
    note    BYTEA   NOT NULL,
    PRIMARY KEY (village, size)
);
