-- Class private: printed cards, and how often each was tried. No secret of a card or PIN is here.

-- `person`: whom it was made for; NULL where somebody asked about a card that was never made here, which is answered and counted
-- like any other until `expires`. `public_key` and `mac`: the key that its holder made with it, and the proof for the clerk.
-- `tries`: evaluations since the right PIN was last proved; `misses`: all wrong ones before.
CREATE TABLE cards (
    village      TEXT   NOT NULL,
    card         BLOB   NOT NULL,
    person       TEXT,
    public_key   BLOB,
    mac          BLOB,
    tries        BIGINT NOT NULL,
    misses       BIGINT NOT NULL,
    locked_until BIGINT,
    made         BIGINT NOT NULL,
    expires      BIGINT,
    PRIMARY KEY (village, card)
);
CREATE INDEX cards_person ON cards (village, person);
CREATE INDEX cards_public_key ON cards (village, public_key);
CREATE INDEX cards_expires ON cards (expires);
