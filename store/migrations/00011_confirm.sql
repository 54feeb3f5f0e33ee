-- +goose Up

-- What every signature covers of a message: the same for a copy with other fields. Empty for older messages.
ALTER TABLE inbound ADD COLUMN core TEXT NOT NULL DEFAULT '';
CREATE INDEX inbound_core ON inbound (core) WHERE core <> '';

-- The hash of the code by which its author confirms that a message was meant for us; empty for none.
ALTER TABLE inbound ADD COLUMN confirm_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX inbound_confirm ON inbound (confirm_hash) WHERE confirm_hash <> '';
