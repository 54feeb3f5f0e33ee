-- +goose Up

-- What mail comes and goes by and that does not work now: the submission server, and mailboxes. It only says when the
-- operator is alarmed, and so has no seal.
CREATE TABLE way (
	name    TEXT   NOT NULL PRIMARY KEY,
	since   BIGINT NOT NULL, -- when it stopped working
	told_at BIGINT NOT NULL, -- when the operator was last alarmed; 0 if that has not been
	why     TEXT   NOT NULL
);
