-- Class private: what people noted at the door of a session beside the record, each of them for itself.

-- `kind` and `about`: a member called by name and seen, a voter helped by a scribe, an observer (who it is stands in the vault), a
-- spoiled paper that was replaced. `person`: who noted it.
CREATE TABLE door_notes (
    village TEXT   NOT NULL,
    session TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    about   TEXT   NOT NULL,
    person  TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (village, session, kind, about, person)
);
