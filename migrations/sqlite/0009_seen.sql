-- Class private: checkpoints that readers handed in and that are larger than what the log has shown this witness so far. They
-- are judged once the log has shown that much.
CREATE TABLE seen (
    origin TEXT   NOT NULL,
    size   BIGINT NOT NULL,
    root   BLOB   NOT NULL,
    time   BIGINT NOT NULL,
    note   BLOB   NOT NULL,
    PRIMARY KEY (origin, size, root)
);
