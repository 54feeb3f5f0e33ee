-- +goose Up

-- Until when a letter is held, for another one to take up what it says; 0 for one that goes out as soon as it is due.
ALTER TABLE outbound ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
