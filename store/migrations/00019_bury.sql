-- +goose Up

-- The alerts of each kind that were not sent by themselves, since so many had been. The next one tells of them.
CREATE TABLE kept_alert (
	kind  TEXT   NOT NULL PRIMARY KEY,
	n     BIGINT NOT NULL,
	since BIGINT NOT NULL,
	lines TEXT   NOT NULL -- one for each of the first; empty where a command lists them
);

-- The hash of the code that decides a request together with others that one review email is about; empty for none.
ALTER TABLE review ADD COLUMN together TEXT NOT NULL DEFAULT '';
CREATE INDEX review_together ON review (together) WHERE together <> '';
