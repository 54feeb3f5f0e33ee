-- +goose Up

-- Who typed the command that an entry comes from, and on which machine; empty where the bot itself wrote it.
ALTER TABLE audit ADD COLUMN command TEXT NOT NULL DEFAULT '';

DROP TRIGGER audit_redact;
-- +goose StatementBegin
CREATE TRIGGER audit_redact BEFORE UPDATE ON audit
WHEN NOT (NEW.by = '' AND NEW.text = '' AND NEW.command = '' AND NEW.salt = '' AND OLD.salt <> '' AND NEW.id = OLD.id
	AND NEW.ref = OLD.ref AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.event = OLD.event
	AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash)
BEGIN
	SELECT RAISE(ABORT, 'an entry of the audit is only redacted');
END;
-- +goose StatementEnd
