-- Class derived: what is talked about in a village's hall. `matter`: empty for what is said of the village in general.
CREATE TABLE talks (
    village   TEXT   NOT NULL,
    matter    TEXT   NOT NULL,
    posts     BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    PRIMARY KEY (village, matter)
);
CREATE INDEX talks_last ON talks (village, last_seq);
CREATE INDEX timeline_talk ON timeline (village, matter, seq) WHERE kind = 'hall.posted';
