-- +goose Up

-- References whose data is not purged, nor erased, until the hold is released.
CREATE TABLE hold (
	ref       TEXT   NOT NULL PRIMARY KEY,
	placed_at BIGINT NOT NULL,
	by        TEXT   NOT NULL,
	reason    TEXT   NOT NULL
);

ALTER TABLE inbound   ADD COLUMN raw_purged_at BIGINT NOT NULL DEFAULT 0; -- since when the raw message is gone
ALTER TABLE inbound   ADD COLUMN purged_at     BIGINT NOT NULL DEFAULT 0; -- since when the personal data is
ALTER TABLE request   ADD COLUMN purged_at     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE exception ADD COLUMN purged_at     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbound  ADD COLUMN purged_at     BIGINT NOT NULL DEFAULT 0;
