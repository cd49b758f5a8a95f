-- Sessions of all villages in which a vote is open, found without looking at any other.

CREATE INDEX sessions_board_status ON sessions_board (status, starts_at);

-- Tables made from the record are made anew, so that sessions on record say that a vote is open.
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
