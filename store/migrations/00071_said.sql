-- +goose Up

-- The subject that a letter was sent with, without its code, and the address that got it where that was another than its
-- recipient's, as in a trial. Both are empty until it is sent, and of one from before they were kept.
ALTER TABLE outbound ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE outbound ADD COLUMN went_to TEXT NOT NULL DEFAULT '';
