-- +goose Up

-- Messages that stay in a mailbox because of its server. Nothing is decided by it but when each is tried again, and
-- whether the operator has heard of it.
CREATE TABLE stuck (
	mailbox     TEXT    NOT NULL,
	uidvalidity BIGINT  NOT NULL,
	uid         BIGINT  NOT NULL,
	step        TEXT    NOT NULL, -- not handed over, not filed
	size        BIGINT  NOT NULL, -- as the server says; 0 if it does not
	cause       TEXT    NOT NULL,
	tries       BIGINT  NOT NULL,
	since       BIGINT  NOT NULL,
	next_at     BIGINT  NOT NULL,
	passing     BOOLEAN NOT NULL, -- the server is likely to get over it
	told_at     BIGINT  NOT NULL, -- when the operator was told
	PRIMARY KEY (mailbox, uidvalidity, uid)
);
