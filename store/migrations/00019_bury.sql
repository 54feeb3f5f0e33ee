-- +goose Up

-- The alerts of each kind that were not sent by themselves, since so many had been. The next one tells of them.
CREATE TABLE kept_alert (
	kind  TEXT   NOT NULL PRIMARY KEY,
	n     BIGINT NOT NULL,
	since BIGINT NOT NULL,
	lines TEXT   NOT NULL -- one for each of the first; empty where a command lists them
);
