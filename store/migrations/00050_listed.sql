-- +goose Up

-- A list, the newest first, of a site or a state: what is not wanted is passed over without reading it.
DROP INDEX exception_words;
CREATE INDEX exception_words ON exception (starts_at, ref,
	lower(ref || ' ' || subject_email || ' ' || subject_name || ' ' || site_code || ' ' || site_address), site_code, state, ends_at);
CREATE INDEX outbound_listed ON outbound (created_at, id, state, recipient, ref);
DROP INDEX inbound_received;
CREATE INDEX inbound_received ON inbound (received_at, id, outcome, from_address, ref);
CREATE INDEX exception_of_site ON exception (site_code, starts_at);
CREATE INDEX request_sited ON request (site_code, received_at);
