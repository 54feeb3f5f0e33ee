-- +goose Up

-- How many automatic answers may go out now.
CREATE TABLE allowance (
	name  TEXT   NOT NULL PRIMARY KEY, -- address:sue@elsewhere.test, domain:elsewhere.test, total
	level BIGINT NOT NULL,             -- in millionths of a letter, at the moment at
	at    BIGINT NOT NULL
);
CREATE INDEX allowance_at ON allowance (at);

ALTER TABLE outbound ADD COLUMN bounce_status TEXT   NOT NULL DEFAULT ''; -- 5.1.1, where the report gave it
ALTER TABLE outbound ADD COLUMN stands_for    BIGINT NOT NULL DEFAULT 0;  -- the letter in whose place this one went to another address
CREATE INDEX outbound_stands_for ON outbound (stands_for) WHERE stands_for > 0;
