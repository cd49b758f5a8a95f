-- Class private: what the tellers counted, each on the own device, before both sign one count.

-- One row each time a teller says what they found; appended to only. `round`: 1 the count, 2 the recount. `nth`: of this person,
-- from 1. `body`: the figures as JSON. No row says anything of a single paper, a voter, or the order of counting.
CREATE TABLE paper_counts (
    village  TEXT   NOT NULL,
    session  TEXT   NOT NULL,
    matter   TEXT   NOT NULL,
    question TEXT   NOT NULL,
    round    BIGINT NOT NULL,
    person   TEXT   NOT NULL,
    nth      BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    entered  BIGINT NOT NULL,
    PRIMARY KEY (village, session, matter, question, round, person, nth)
);
