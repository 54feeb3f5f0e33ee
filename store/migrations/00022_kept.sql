-- +goose Up

-- Alerts that were kept back are counted by who caused them, and by the active exception that they are about, so that
-- nobody's hide another's.
CREATE TABLE kept_by_cause (
	kind  TEXT   NOT NULL,
	cause TEXT   NOT NULL, -- such as a site; empty for nobody in particular
	ref   TEXT   NOT NULL, -- of the active exception; empty for none
	n     BIGINT NOT NULL,
	since BIGINT NOT NULL,
	lines TEXT   NOT NULL, -- one for each of the first; empty where a command lists them
	PRIMARY KEY (kind, cause, ref)
);
INSERT INTO kept_by_cause (kind, cause, ref, n, since, lines) SELECT kind, '', '', n, since, lines FROM kept_alert;
DROP TABLE kept_alert;
