-- Class private: households that a representative speaks for (联系户). Personal data, never on record. The label is in the vault (kind
-- `household`, named by `person`/`household`) and is erased when the household is taken off the list or the role has ended: `gone`. The row
-- stays without it, for the sums of matters that were voted on while it stood there.
CREATE TABLE households (
    village   TEXT   NOT NULL,
    household TEXT   NOT NULL,
    person    TEXT   NOT NULL,
    part      BIGINT,
    added     BIGINT NOT NULL,
    gone      BIGINT,
    PRIMARY KEY (village, household)
);
CREATE INDEX households_person ON households (village, person);

-- That a household was asked before a vote (`asked`) or told of its result (`told`), in which round of the matter, and on which day.
CREATE TABLE household_talks (
    village   TEXT   NOT NULL,
    matter    TEXT   NOT NULL,
    round     BIGINT NOT NULL,
    what      TEXT   NOT NULL,
    household TEXT   NOT NULL,
    held_on   TEXT   NOT NULL,
    noted     BIGINT NOT NULL,
    PRIMARY KEY (village, matter, round, what, household)
);
