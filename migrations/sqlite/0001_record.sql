-- Class record: what everything else is made from. Only ever appended to.

-- One head row a village: the guard of every append.
CREATE TABLE villages (
    village   TEXT   NOT NULL PRIMARY KEY,
    origin    TEXT   NOT NULL,
    size      BIGINT NOT NULL,
    frontier  BLOB   NOT NULL,
    last_time BIGINT NOT NULL,
    last_leaf BLOB   NOT NULL
);
CREATE UNIQUE INDEX villages_origin ON villages (origin);

CREATE TABLE entries (
    village   TEXT   NOT NULL REFERENCES villages (village),
    seq       BIGINT NOT NULL,
    time      BIGINT NOT NULL,
    leaf      BLOB   NOT NULL,
    statement BLOB   NOT NULL,
    bytes     BLOB   NOT NULL,
    PRIMARY KEY (village, seq)
);
-- A statement is recorded once in a village: a replay is refused here at the latest.
CREATE UNIQUE INDEX entries_statement ON entries (village, statement);

CREATE TABLE tiles (
    village TEXT   NOT NULL REFERENCES villages (village),
    level   BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    hashes  BLOB   NOT NULL,
    PRIMARY KEY (village, level, n)
);

CREATE TABLE checkpoints (
    village TEXT   NOT NULL REFERENCES villages (village),
    size    BIGINT NOT NULL,
    note    BLOB   NOT NULL,
    PRIMARY KEY (village, size)
);
