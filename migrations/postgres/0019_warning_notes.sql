-- Class private: what officials noted about a warning, and why. Rows are added and never changed: the last one of a warning holds.
CREATE TABLE warning_notes (
    village TEXT COLLATE "C" NOT NULL,
    warning TEXT COLLATE "C" NOT NULL,
    noted   BIGINT NOT NULL,
    person  TEXT COLLATE "C" NOT NULL,
    role    TEXT COLLATE "C" NOT NULL,
    words   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (village, warning, noted, person)
);
