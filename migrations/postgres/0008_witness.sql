-- Class private: what a witness knows beside its copies of the logs.

-- The newest checkpoint of each log that it cosigned: the guard of every cosignature.
CREATE TABLE witnessed (
    origin TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash   BYTEA  NOT NULL,
    size   BIGINT NOT NULL,
    root   BYTEA  NOT NULL,
    time   BIGINT NOT NULL,
    note   BYTEA  NOT NULL
);
CREATE UNIQUE INDEX witnessed_hash ON witnessed (hash);

-- Where it stands with the log of a district.
CREATE TABLE followed_districts (
    district TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    fetched  BIGINT NOT NULL,
    client   BIGINT
);

-- Villages as the directory lists them: `listed` is the size of the newest checkpoint there and `root` its root; entries not
-- yet read must have times from `since` to `until`; `lawful` is the size cosigned, `pushed` what the server has taken of it.
CREATE TABLE followed (
    village TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key     TEXT COLLATE "C" NOT NULL,
    listed  BIGINT NOT NULL,
    root    BYTEA  NOT NULL,
    since   BIGINT,
    until   BIGINT NOT NULL,
    lawful  BIGINT NOT NULL,
    pushed  BIGINT NOT NULL,
    stopped TEXT COLLATE "C"
);

-- Alarms, each raised once; `told` is when the webhook took it.
CREATE TABLE alarms (
    alarm    BYTEA  NOT NULL PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    origin   TEXT COLLATE "C" NOT NULL,
    time     BIGINT NOT NULL,
    body     TEXT COLLATE "C" NOT NULL,
    evidence BYTEA,
    tries    BIGINT NOT NULL,
    next     BIGINT NOT NULL,
    told     BIGINT
);
CREATE INDEX alarms_untold ON alarms (next) WHERE told IS NULL;

-- Ballots that a voter handed in here because the server refused them; `basis` is the vote.
CREATE TABLE vouched (
    village   TEXT COLLATE "C" NOT NULL,
    statement BYTEA  NOT NULL,
    basis     BYTEA  NOT NULL,
    voter     BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    time      BIGINT NOT NULL,
    envelope  BYTEA  NOT NULL,
    settled   BIGINT,
    PRIMARY KEY (village, statement)
);
CREATE INDEX vouched_basis ON vouched (village, basis);
