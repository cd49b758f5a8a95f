-- Class passing: there is a row while a copy into this database has begun and not ended. No server starts on it then.
-- `projecting`: the record is here, and derived tables are being made from it.
CREATE TABLE copying (
    copy       BIGINT NOT NULL PRIMARY KEY,
    projecting BIGINT NOT NULL
);
