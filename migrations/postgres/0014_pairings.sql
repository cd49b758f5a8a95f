-- Class passing: computers that ask to be let in by a phone. Gone after a few minutes.

-- `code`: nine digits on the computer's screen. `secret`: SHA-256 of what that computer alone knows. `public_key`: the phone's, once it
-- has signed `challenge`.
CREATE TABLE pairings (
    code       TEXT   NOT NULL PRIMARY KEY,
    secret     BYTEA NOT NULL,
    challenge  BYTEA NOT NULL,
    agent      TEXT   NOT NULL,
    public_key BYTEA,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX pairings_expires ON pairings (expires);
