-- Class record: the district's log, whose leaves are the villages' keys and checkpoints.

-- `restored`: it came from a backup, and witnesses have not confirmed yet that it is the newest.
CREATE TABLE districts (
    district TEXT   NOT NULL PRIMARY KEY,
    origin   TEXT   NOT NULL,
    size     BIGINT NOT NULL,
    frontier BLOB   NOT NULL,
    restored BIGINT NOT NULL
);

-- `size` is that of the village's checkpoint; NULL for a key or a release.
CREATE TABLE district_leaves (
    district TEXT   NOT NULL REFERENCES districts (district),
    seq      BIGINT NOT NULL,
    time     BIGINT NOT NULL,
    village  TEXT,
    size     BIGINT,
    leaf     BLOB   NOT NULL,
    bytes    BLOB   NOT NULL,
    PRIMARY KEY (district, seq)
);
CREATE UNIQUE INDEX district_leaves_village ON district_leaves (village, size) WHERE size IS NOT NULL;

CREATE INDEX district_leaves_keys ON district_leaves (district, leaf) WHERE size IS NULL;

CREATE TABLE district_tiles (
    district TEXT   NOT NULL REFERENCES districts (district),
    level    BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    hashes   BLOB   NOT NULL,
    PRIMARY KEY (district, level, n)
);

-- `witnessed`: when the cosignatures that the policy asks for were there.
CREATE TABLE district_checkpoints (
    district  TEXT   NOT NULL REFERENCES districts (district),
    size      BIGINT NOT NULL,
    time      BIGINT NOT NULL,
    note      BLOB   NOT NULL,
    witnessed BIGINT,
    PRIMARY KEY (district, size)
);
CREATE INDEX district_checkpoints_witnessed ON district_checkpoints (district, size) WHERE witnessed IS NOT NULL;

-- Cosignatures of village and district checkpoints: `key` names the cosigner, `line` is its signature line.
CREATE TABLE cosignatures (
    origin TEXT   NOT NULL,
    size   BIGINT NOT NULL,
    key    TEXT   NOT NULL,
    time   BIGINT NOT NULL,
    line   TEXT   NOT NULL,
    PRIMARY KEY (origin, size, key)
);

-- Size of the village's newest checkpoint in the district log; NULL while its key isn't there. What waits to be published
-- is found without looking at any other village.
ALTER TABLE villages ADD COLUMN published BIGINT;
CREATE INDEX villages_unpublished ON villages (village) WHERE size > published;
CREATE INDEX villages_unlisted ON villages (village) WHERE published IS NULL;
