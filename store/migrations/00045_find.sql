-- +goose Up

-- What is looked for by a word, the newest first, without reading all else that is on record.
CREATE INDEX request_words ON request (received_at, ref,
	lower(ref || ' ' || subject_email || ' ' || subject_name || ' ' || site_code || ' ' || site_address), site_code);
CREATE INDEX exception_words ON exception (starts_at, ref,
	lower(ref || ' ' || subject_email || ' ' || subject_name || ' ' || site_code || ' ' || site_address), site_code);
