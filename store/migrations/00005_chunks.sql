-- +goose Up

-- Raw messages in chunks, so that none is held in memory as a whole. A message that
-- was stored before is one chunk.
CREATE TABLE raw_chunk (
	inbound_id BIGINT NOT NULL REFERENCES inbound (id),
	n          BIGINT NOT NULL, -- from 0
	content    BLOB   NOT NULL, -- joined: zstd, and that within age where it is encrypted
	PRIMARY KEY (inbound_id, n)
);
INSERT INTO raw_chunk (inbound_id, n, content) SELECT inbound_id, 0, content FROM raw_message;
DROP TABLE raw_message;
ALTER TABLE raw_chunk RENAME TO raw_message;
