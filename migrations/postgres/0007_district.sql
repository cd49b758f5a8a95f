-- Class record: the district's log, whose leaves are the villages' keys and checkpoints.

-- `restored`: it came from a backup, and witnesses have not confirmed yet that it is the newest.
CREATE TABLE districts (
    district TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    origin   TEXT COLLATE "C" NOT NULL,
    size     BIGINT NOT NULL,
    frontier BYTEA  NOT NULL,
    restored BIGINT NOT NULL
);

-- `size` is that of the village's checkpoint; NULL for a key or a release.
CREATE TABLE district_leaves (
    district TEXT COLLATE "C" NOT NULL REFERENCES districts (district),
    seq      BIGINT NOT NULL,
    time     BIGINT NOT NULL,
    village  TEXT COLLATE "C",
    size     BIGINT,
    leaf     BYTEA  NOT NULL,
    bytes    BYTEA  NOT NULL,
    PRIMARY KEY (district, seq)
);
CREATE UNIQUE INDEX district_leaves_village ON district_leaves (village, size) WHERE size IS NOT NULL;

CREATE INDEX district_leaves_keys ON district_leaves (district, leaf) WHERE size IS NULL;

CREATE TABLE district_tiles (
    district TEXT COLLATE "C" NOT NULL REFERENCES districts (district),
    level    BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    hashes   BYTEA  NOT NULL,
    PRIMARY KEY (district, level, n)
);

-- `witnessed`: when the cosignatures that the policy asks for were there.
CREATE TABLE district_checkpoints (
    district  TEXT COLLATE "C" NOT NULL REFERENCES districts (district),
    size      BIGINT NOT NULL,
    time      BIGINT NOT NULL,
    note      BYTEA  NOT NULL,
    witnessed BIGINT,
    PRIMARY KEY (district, size)
);
CREATE INDEX district_checkpoints_witnessed ON district_checkpoints (district, size) WHERE witnessed IS NOT NULL;

-- Cosignatures of village and district checkpoints: `key` names the cosigner, `line` is its signature line.
CREATE TABLE cosignatures (
    origin TEXT COLLATE "C" NOT NULL,
    size   BIGINT NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    time   BIGINT NOT NULL,
    line   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (origin, size, key)
);

-- Size of the village's newest checkpoint in the district log; NULL while its key isn't there. What waits to be published
-- is found without looking at any other village.
ALTER TABLE villages ADD COLUMN published BIGINT;
CREATE INDEX villages_unpublished ON villages (village) WHERE size > published;
CREATE INDEX villages_unlisted ON villages (village) WHERE published IS NULL;
