-- +goose Up

-- Who must not decide on a request, one a line: kept with it, as the site may leave the register.
ALTER TABLE request ADD COLUMN barred TEXT NOT NULL DEFAULT '';
