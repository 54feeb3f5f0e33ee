-- +goose Up

-- How often a user was granted a short-term exception lately.
CREATE INDEX exception_granted ON exception (subject_email, starts_at) WHERE category = 'short';
