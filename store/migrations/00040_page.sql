-- +goose Up

-- What the status page counts, without reading all that was ever on record.
CREATE INDEX exception_ends   ON exception (ends_at, category) WHERE state = 'active';
CREATE INDEX inbound_received ON inbound (received_at, outcome);
CREATE INDEX outbound_sent    ON outbound (sent_at) WHERE sent_at > 0;
CREATE INDEX outbound_alert   ON outbound (created_at, why) WHERE template = 'alert';
CREATE INDEX outbound_failed  ON outbound (created_at, last_error) WHERE state = 'failed';
