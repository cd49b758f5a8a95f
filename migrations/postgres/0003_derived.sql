-- Class derived: projected from the record; may be emptied at any time and rebuilt.

-- How far the village's record has been projected into the tables below.
CREATE TABLE projection (
    village TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size    BIGINT NOT NULL
);

CREATE TABLE village_state (
    village  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size     BIGINT NOT NULL,
    snapshot BYTEA   NOT NULL
);

CREATE TABLE village_summary (
    village      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    township     TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    suggestion   BIGINT NOT NULL,
    proposal     BIGINT NOT NULL,
    consultation BIGINT NOT NULL,
    filing       BIGINT NOT NULL,
    ballot       BIGINT NOT NULL,
    supervision  BIGINT NOT NULL,
    finished     BIGINT NOT NULL,
    warnings     BIGINT NOT NULL,
    newest       BIGINT NOT NULL,
    size         BIGINT NOT NULL
);
CREATE INDEX village_summary_township ON village_summary (township, village);

CREATE TABLE matters (
    village     TEXT COLLATE "C" NOT NULL,
    matter      TEXT COLLATE "C" NOT NULL,
    category    TEXT COLLATE "C" NOT NULL,
    stage       TEXT COLLATE "C" NOT NULL,
    outcome     TEXT COLLATE "C",
    amount      BIGINT,
    title       BYTEA   NOT NULL,
    opened_seq  BIGINT NOT NULL,
    opened      BIGINT NOT NULL,
    updated_seq BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    due         BIGINT,
    PRIMARY KEY (village, matter)
);
CREATE INDEX matters_updated ON matters (village, updated_seq);
CREATE INDEX matters_due ON matters (due);

CREATE TABLE timeline (
    village TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    time    BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    matter  TEXT COLLATE "C",
    session TEXT COLLATE "C",
    persons TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (village, seq)
);
CREATE INDEX timeline_matter ON timeline (village, matter, seq);
CREATE INDEX timeline_session ON timeline (village, session, seq);

CREATE TABLE sessions_board (
    village     TEXT COLLATE "C" NOT NULL,
    session     TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    starts_at   BIGINT NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    updated_seq BIGINT NOT NULL,
    PRIMARY KEY (village, session)
);
CREATE INDEX sessions_board_starts ON sessions_board (starts_at);

CREATE TABLE notices (
    village      TEXT COLLATE "C" NOT NULL,
    seq          BIGINT NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    matter       TEXT COLLATE "C",
    session      TEXT COLLATE "C",
    posted_from  BIGINT NOT NULL,
    posted_until BIGINT,
    PRIMARY KEY (village, seq)
);
CREATE INDEX notices_posted ON notices (village, posted_until);

-- What waits for someone. `task` is a stable name of the thing to do within the village.
CREATE TABLE tasks (
    village   TEXT COLLATE "C" NOT NULL,
    task      TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    role      TEXT COLLATE "C",
    person    TEXT COLLATE "C",
    matter    TEXT COLLATE "C",
    session   TEXT COLLATE "C",
    due       BIGINT,
    since_seq BIGINT NOT NULL,
    PRIMARY KEY (village, task)
);
CREATE INDEX tasks_person ON tasks (village, person);
CREATE INDEX tasks_due ON tasks (due);

CREATE TABLE people (
    village     TEXT COLLATE "C" NOT NULL,
    person      TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    since_seq   BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT,
    PRIMARY KEY (village, person, role, since_seq)
);
CREATE INDEX people_role ON people (village, role);
CREATE INDEX people_person ON people (person);

-- Every ending of a village's name, so that a search inside names is a search for a beginning.
CREATE TABLE search_names (
    ending  TEXT COLLATE "C" NOT NULL,
    village TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ending, village)
);
CREATE INDEX search_names_village ON search_names (village);
