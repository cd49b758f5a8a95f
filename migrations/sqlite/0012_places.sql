-- What a nation's pages list, found without looking at every village.

-- Class derived: the township's name beside the village's, so that a list of villages opens no vault.
ALTER TABLE village_summary ADD COLUMN township_name TEXT NOT NULL DEFAULT '';

-- Class derived: sums over the villages of a district, kept with each summary. Without a village: see Tx::clear_derived.
CREATE TABLE district_sums (
    district TEXT   NOT NULL PRIMARY KEY,
    villages BIGINT NOT NULL,
    open     BIGINT NOT NULL,
    ballot   BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    warnings BIGINT NOT NULL
);

-- Class private: names of provinces, prefectures and districts, by the first 2, 4 or 6 digits of their villages' codes.
CREATE TABLE places (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

-- What is due in all villages, and where something of a kind is to be done: every second, whatever their number.
DROP INDEX tasks_due;
CREATE INDEX tasks_role_due ON tasks (role, due, village);
CREATE INDEX tasks_kind_due ON tasks (kind, due, village);

-- Sessions of one district by where they stand.
CREATE INDEX sessions_board_district ON sessions_board (substr(village, 1, 6), status, starts_at);

-- Keys and releases of a district's log, without its checkpoints: an index by leaf was passed over for the table itself.
DROP INDEX district_leaves_keys;
CREATE INDEX district_leaves_keys ON district_leaves (district, seq) WHERE size IS NULL;

-- The tables above are made anew with all others made from the record.
DELETE FROM projection;
DELETE FROM search_names;
DELETE FROM village_summary;
DELETE FROM matters;
DELETE FROM timeline;
DELETE FROM sessions_board;
DELETE FROM notices;
DELETE FROM tasks;
DELETE FROM people;
DELETE FROM keys;
DELETE FROM naming;
