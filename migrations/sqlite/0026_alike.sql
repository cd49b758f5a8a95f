-- Class private: how pictures among the documents look, 8 bytes of a difference hash; gone with the document.
CREATE TABLE picture_looks (
    village    TEXT NOT NULL,
    commitment BLOB NOT NULL,
    looks      BLOB NOT NULL,
    PRIMARY KEY (village, commitment)
);

-- Class passing: one row a district; who looks for pictures of other villages holds it, so that two who meet see each other.
CREATE TABLE picture_turns (
    district TEXT NOT NULL PRIMARY KEY
);

-- Class derived: in which matter a picture stands, named by which entry. The four bands are the parts of `looks`: of two that differ in
-- at most three bits, one band at least is the same.
CREATE TABLE pictures (
    village  TEXT   NOT NULL,
    matter   TEXT   NOT NULL,
    document BLOB   NOT NULL,
    district TEXT   NOT NULL,
    seq      BIGINT NOT NULL,
    time     BIGINT NOT NULL,
    looks    BLOB   NOT NULL,
    band_a   BIGINT NOT NULL,
    band_b   BIGINT NOT NULL,
    band_c   BIGINT NOT NULL,
    band_d   BIGINT NOT NULL,
    PRIMARY KEY (village, matter, document)
);
CREATE INDEX pictures_document ON pictures (village, document);
CREATE INDEX pictures_band_a ON pictures (district, band_a, time, village, seq, document, matter);
CREATE INDEX pictures_band_b ON pictures (district, band_b, time, village, seq, document, matter);
CREATE INDEX pictures_band_c ON pictures (district, band_c, time, village, seq, document, matter);
CREATE INDEX pictures_band_d ON pictures (district, band_d, time, village, seq, document, matter);

-- Class derived: of each matter a picture of which stands in another matter, too, the pair that was there first.
CREATE TABLE pictures_again (
    village        TEXT   NOT NULL,
    matter         TEXT   NOT NULL,
    stands_from    BIGINT NOT NULL,
    seq            BIGINT NOT NULL,
    document       BLOB   NOT NULL,
    other_village  TEXT   NOT NULL,
    other_matter   TEXT   NOT NULL,
    other_seq      BIGINT NOT NULL,
    other_document BLOB   NOT NULL,
    PRIMARY KEY (village, matter)
);
CREATE INDEX pictures_again_other ON pictures_again (other_village, other_document);
