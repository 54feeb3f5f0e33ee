-- +goose Up

-- What a report counts of a month, without reading all that was ever on record.
CREATE INDEX audit_decided ON audit (at, event, ref, seq) WHERE event IN ('approve', 'reject', 'ask', 'no-evidence');
CREATE INDEX exception_over ON exception (ends_at, state, category, starts_at, closed_at) WHERE state <> 'active';
