-- +goose Up

-- The exceptions of a state, the newest first: those of a state that few have are found without reading all others.
CREATE INDEX exception_stated ON exception (state, starts_at, ref, ends_at);

-- All that is on record of a user, whatever the detail of the address: only the addresses are gone through.
CREATE INDEX exception_of_user ON exception (subject_email, ref);
CREATE INDEX request_of_user ON request (subject_email, ref);
