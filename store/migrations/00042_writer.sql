-- +goose Up

-- Who the email that began a request says wrote it, and how its sender was proven, as JSON; empty for nobody.
ALTER TABLE request ADD COLUMN writer TEXT NOT NULL DEFAULT '';
