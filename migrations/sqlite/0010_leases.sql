-- Class passing: what several servers on one database say to each other. Neither backed up nor rebuilt.

-- Who does what for the moment: a server is there (`server/…`), writes the records of a lane (`lane/…`), does a job (`job/…`).
-- `ends` is by the database's clock; `term` counts the holders. Nothing of the record rests on it.
CREATE TABLE leases (
    name    TEXT   NOT NULL PRIMARY KEY,
    holder  TEXT   NOT NULL,
    address TEXT   NOT NULL,
    term    BIGINT NOT NULL,
    ends    BIGINT NOT NULL
);

-- What must be the same in all of them. The first one says it.
CREATE TABLE agreed (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
