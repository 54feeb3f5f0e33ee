-- +goose Up

-- The exceptions of which one letter warns together, each with the code of an answer about it. What is acted on is in the
-- letter, which has a seal: this leads to it.
CREATE TABLE letter_row (
	letter BIGINT NOT NULL,
	ref    TEXT   NOT NULL,
	code   TEXT   NOT NULL,
	PRIMARY KEY (letter, ref)
);
CREATE INDEX letter_row_ref  ON letter_row (ref);
CREATE INDEX letter_row_code ON letter_row (code);
