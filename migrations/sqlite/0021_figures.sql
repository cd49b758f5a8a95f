-- Class derived: what the record of a village adds to the figures, a row for each thing that is counted. `measure` and `code` say what;
-- `number`: days, fen or members.
CREATE TABLE figures (
    village  TEXT   NOT NULL,
    matter   TEXT   NOT NULL,
    seq      BIGINT NOT NULL,
    measure  TEXT   NOT NULL,
    code     TEXT   NOT NULL,
    time     BIGINT NOT NULL,
    session  TEXT,
    category TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    PRIMARY KEY (village, matter, seq, measure, code)
);
CREATE INDEX figures_listed ON figures (measure, code, village, seq, matter);
CREATE INDEX figures_longest ON figures (measure, code, number, village);

-- Class derived: their sums by year and by month, for villages, townships and districts: `span` is how many digits `place` has. Days are kept
-- apart, so that a median can be told. Without a village: see Tx::clear_derived.
CREATE TABLE figure_sums (
    span     BIGINT NOT NULL,
    period   TEXT   NOT NULL,
    place    TEXT   NOT NULL,
    measure  TEXT   NOT NULL,
    code     TEXT   NOT NULL,
    category TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    days     BIGINT NOT NULL,
    many     BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    PRIMARY KEY (span, period, place, measure, code, category, body, days)
);

-- They are made with all others that are made from the record.
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
