-- +goose Up

-- What shows that the bot itself wrote the columns of a row that it acts on: see seal.go. Empty where it was written
-- before, until the next start.
ALTER TABLE exception ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE action    ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE outbound  ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE review    ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE absence   ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE request   ADD COLUMN seal TEXT NOT NULL DEFAULT '';

-- Whom an action is about, so that a change of its exception does not turn it to somebody else.
ALTER TABLE action ADD COLUMN subject_email TEXT NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN directory_id  TEXT NOT NULL DEFAULT '';
UPDATE action SET subject_email = (SELECT subject_email FROM exception WHERE exception.ref = action.ref),
	directory_id = (SELECT directory_id FROM exception WHERE exception.ref = action.ref);

-- How many rows each of these tables has.
CREATE TABLE tally (
	name TEXT   NOT NULL PRIMARY KEY,
	n    BIGINT NOT NULL,
	seal TEXT   NOT NULL
);
INSERT INTO tally (name, n, seal) VALUES
	('exception', (SELECT COUNT(*) FROM exception), ''), ('action',  (SELECT COUNT(*) FROM action), ''),
	('outbound',  (SELECT COUNT(*) FROM outbound), ''),  ('review',  (SELECT COUNT(*) FROM review), ''),
	('absence',   (SELECT COUNT(*) FROM absence), ''),   ('request', (SELECT COUNT(*) FROM request), '');

-- Until when an entry exempts, and whom: a hash of the address made with the key beside the database.
ALTER TABLE audit ADD COLUMN until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN whom  TEXT   NOT NULL DEFAULT '';
CREATE INDEX audit_until ON audit (until) WHERE until > 0;

DROP TRIGGER audit_redact;
-- +goose StatementBegin
CREATE TRIGGER audit_redact BEFORE UPDATE ON audit
WHEN NOT (NEW.by = '' AND NEW.text = '' AND NEW.command = '' AND NEW.salt = '' AND OLD.salt <> '' AND NEW.id = OLD.id AND NEW.ref = OLD.ref
	AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.event = OLD.event AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash
	AND NEW.until = OLD.until AND NEW.whom = OLD.whom)
BEGIN
	SELECT RAISE(ABORT, 'an entry of the audit is only redacted');
END;
-- +goose StatementEnd
