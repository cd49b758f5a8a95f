-- Class private: a way by which somebody wants to be told things. The address is in the vault (kind `contact`, named by `contact`), with the
-- code that was sent to it. `code_until`, `tries`: how long that code can be typed in, and how often it was wrong. `confirmed`: the address
-- counts from then on. `told`: when something was last sent there.
CREATE TABLE contacts (
    contact    TEXT   NOT NULL PRIMARY KEY,
    public_key BLOB   NOT NULL,
    village    TEXT   NOT NULL,
    channel    TEXT   NOT NULL,
    lang       TEXT   NOT NULL,
    made       BIGINT NOT NULL,
    code_until BIGINT,
    tries      BIGINT NOT NULL,
    confirmed  BIGINT,
    told       BIGINT
);
CREATE INDEX contacts_key ON contacts (public_key);

-- Class private: what the holder of a key wants to hear, and when not: `quiet_from`, `quiet_until` are minutes of the day. `codes`: so many
-- were sent since `codes_since`.
CREATE TABLE wishes (
    public_key  BLOB   NOT NULL PRIMARY KEY,
    tasks       BIGINT NOT NULL,
    ballots     BIGINT NOT NULL,
    steps       BIGINT NOT NULL,
    quiet_from  BIGINT NOT NULL,
    quiet_until BIGINT NOT NULL,
    codes       BIGINT NOT NULL,
    codes_since BIGINT NOT NULL
);

-- Class private: tasks of which people were told. `reminded`: the date for which they were told that it is near.
CREATE TABLE told_tasks (
    village  TEXT NOT NULL,
    task     TEXT NOT NULL,
    reminded BIGINT,
    PRIMARY KEY (village, task)
);

-- Up to which entry people were told of a village's steps. What was on record before is not told.
ALTER TABLE outbox_marks ADD COLUMN heard BIGINT NOT NULL DEFAULT 0;
UPDATE outbox_marks SET heard = known;
CREATE INDEX outbox_marks_unheard ON outbox_marks (village) WHERE known > heard;

-- What is due, whoever it is for.
CREATE INDEX outbox_due ON outbox (next_at, channel, destination) WHERE next_at IS NOT NULL;
