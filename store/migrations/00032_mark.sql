-- +goose Up

-- Numbers that are remembered from one start to the next, such as when a mailbox was first looked at. They are sealed, and
-- not tallied: where one is missing, what is on record besides is worked with.
CREATE TABLE mark (
	name TEXT   NOT NULL PRIMARY KEY,
	n    BIGINT NOT NULL,
	seal TEXT   NOT NULL
);
