-- +goose Up

-- Which exception was given to the wrong address, and ends when this request for the right one is approved.
ALTER TABLE request ADD COLUMN corrects TEXT NOT NULL DEFAULT '';
CREATE INDEX request_corrects ON request (corrects) WHERE corrects <> '';
