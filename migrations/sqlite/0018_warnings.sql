-- Class derived: what in a record deserves a look, with the time from which it stands. `rank`: 1 the gravest; `personal`: for inspectors
-- alone; `entries`: indices of the entries behind it, as JSON.
CREATE TABLE warnings (
    village     TEXT   NOT NULL,
    warning     TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    rank        BIGINT NOT NULL,
    personal    BIGINT NOT NULL,
    matter      TEXT,
    session     TEXT,
    question    TEXT,
    stands_from BIGINT NOT NULL,
    entries     TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    whole       BIGINT NOT NULL,
    PRIMARY KEY (village, warning)
);

-- They are made anew with all others made from the record.
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
