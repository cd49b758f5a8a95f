-- Whether a phone let a computer in: whoever sits at that has not shown the key there.
ALTER TABLE sessions ADD COLUMN paired BIGINT NOT NULL DEFAULT 0;
