-- +goose Up

-- Messages that are being dealt with. What is left here when the program starts
-- are those on which it ended before.
CREATE TABLE attempt (
	mailbox     TEXT   NOT NULL,
	uidvalidity BIGINT NOT NULL,
	uid         BIGINT NOT NULL,
	begun       BIGINT NOT NULL, -- how often
	PRIMARY KEY (mailbox, uidvalidity, uid)
);
