-- +goose Up

-- The night's purge asks of each message for which requests it brought evidence.
CREATE INDEX evidence_inbound ON evidence (inbound_id);
