-- Class derived: the steps of the process that everyone may follow, as feeds and what is sent out tell them.
CREATE TABLE steps (
    village TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    time    BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    matter  TEXT COLLATE "C",
    session TEXT COLLATE "C",
    PRIMARY KEY (village, seq)
);
CREATE INDEX steps_time ON steps (time, village, seq);

-- Class derived: the matters that a step is about: its own, or those on its session's agenda.
CREATE TABLE matter_steps (
    village TEXT COLLATE "C" NOT NULL,
    matter  TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (village, matter, seq)
);

-- Class private: what is to be sent, by `channel` to `destination`, about one entry: once, however often it is tried. `next_at`: when it
-- is tried next; NULL once it was taken or given up. `outcome`: how the last try ended.
DROP TABLE outbox;
CREATE TABLE outbox (
    channel     TEXT COLLATE "C" NOT NULL,
    destination TEXT COLLATE "C" NOT NULL,
    village     TEXT COLLATE "C" NOT NULL,
    seq         BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    matter      TEXT COLLATE "C",
    made        BIGINT NOT NULL,
    next_at     BIGINT,
    attempts    BIGINT NOT NULL,
    done        BIGINT,
    outcome     TEXT COLLATE "C",
    PRIMARY KEY (channel, destination, village, seq)
);
CREATE INDEX outbox_next ON outbox (channel, destination, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_district ON outbox (substr(village, 1, 6), made, village, seq, channel, destination);
CREATE INDEX outbox_made ON outbox (made) WHERE next_at IS NULL;

-- Class private: up to which entry a village's steps are in the outbox, and up to which they are known. What was on record before there
-- was an outbox is not sent.
CREATE TABLE outbox_marks (
    village TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    queued  BIGINT NOT NULL,
    known   BIGINT NOT NULL
);
CREATE INDEX outbox_marks_behind ON outbox_marks (village) WHERE known > queued;
INSERT INTO outbox_marks (village, queued, known) SELECT village, size, size FROM villages;

-- The derived ones are made anew with all others made from the record.
DELETE FROM projection;
DELETE FROM search_names;
DELETE FROM village_summary;
DELETE FROM district_sums;
DELETE FROM matters;
DELETE FROM timeline;
DELETE FROM sessions_board;
DELETE FROM notices;
DELETE FROM tasks;
DELETE FROM people;
DELETE FROM keys;
DELETE FROM naming;
DELETE FROM warnings;
