-- +goose Up

-- The SHA-256 of the message, in hexadecimal, where only its beginning is stored; empty where all of it is.
ALTER TABLE inbound ADD COLUMN whole TEXT NOT NULL DEFAULT '';
