-- +goose Up

-- What the directory is to be told.
CREATE TABLE action (
	id          INTEGER PRIMARY KEY,
	ref         TEXT   NOT NULL REFERENCES exception (ref),
	kind        TEXT   NOT NULL, -- apply, remove
	state       TEXT   NOT NULL, -- open, done, void
	attempts    BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	due_at      BIGINT NOT NULL,
	taken_until BIGINT NOT NULL, -- in somebody's hand until then at most
	ended_at    BIGINT NOT NULL,
	alerted_at  BIGINT NOT NULL,
	last_error  TEXT   NOT NULL
);
CREATE INDEX action_open  ON action (id) WHERE state = 'open';
CREATE INDEX action_taken ON action (taken_until) WHERE taken_until > 0;
CREATE INDEX action_ref   ON action (ref);

ALTER TABLE exception ADD COLUMN directory_id TEXT NOT NULL DEFAULT ''; -- the directory's name of its user, who may be renamed
CREATE INDEX exception_directory_id ON exception (directory_id) WHERE directory_id <> '';

-- When what is done once a day was done last.
CREATE TABLE daily (
	name TEXT NOT NULL PRIMARY KEY,
	day  TEXT NOT NULL -- 2026-11-22, where the policy's time zone has it
);
