-- Class derived: whose key it is, so that a log-in finds its person.
CREATE TABLE keys (
    village    TEXT COLLATE "C" NOT NULL,
    public_key BYTEA NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (village, public_key)
);
CREATE INDEX keys_public_key ON keys (public_key);
