-- +goose Up

-- Which exception took this one's place: its site is told what becomes of that.
ALTER TABLE exception ADD COLUMN superseded_by TEXT NOT NULL DEFAULT '';
UPDATE exception SET superseded_by = COALESCE((
	SELECT MAX(substr(text, 4)) FROM audit
	WHERE audit.ref = exception.ref AND audit.event = 'superseded' AND audit.text LIKE 'by %'), '')
WHERE state = 'superseded';
CREATE INDEX exception_superseded_by ON exception (superseded_by) WHERE superseded_by <> '';
