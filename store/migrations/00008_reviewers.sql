-- +goose Up

-- How far those who should decide were reminded of a request.
CREATE TABLE reminder (
	ref      TEXT   NOT NULL REFERENCES request (ref) ON DELETE CASCADE,
	reviewer TEXT   NOT NULL, -- empty for the operator
	since    BIGINT NOT NULL, -- when they were asked; who is asked anew is reminded anew
	stage    BIGINT NOT NULL,
	at       BIGINT NOT NULL,
	PRIMARY KEY (ref, reviewer)
);

-- When it is next to be seen whom to remind of a request; those that are not here are due.
CREATE TABLE chase (
	ref     TEXT   NOT NULL PRIMARY KEY REFERENCES request (ref) ON DELETE CASCADE,
	next_at BIGINT NOT NULL
);

-- The last time that each reviewer was away.
CREATE TABLE absence (
	reviewer TEXT   NOT NULL PRIMARY KEY,
	since    BIGINT NOT NULL,
	until    BIGINT NOT NULL, -- 0 where only a command ends it
	ended_at BIGINT NOT NULL, -- before that
	deputy   TEXT   NOT NULL, -- who stands in; empty for the one of the configuration
	by_hand  BOOLEAN NOT NULL -- a command said so, and not an automatic reply
);
