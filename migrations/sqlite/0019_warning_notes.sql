-- Class private: what officials noted about a warning, and why. Rows are added and never changed: the last one of a warning holds.
CREATE TABLE warning_notes (
    village TEXT   NOT NULL,
    warning TEXT   NOT NULL,
    noted   BIGINT NOT NULL,
    person  TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    words   TEXT   NOT NULL,
    PRIMARY KEY (village, warning, noted, person)
);
