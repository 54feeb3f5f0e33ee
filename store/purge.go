package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// purgeReader reads what is on record, as retention sees it.
type purgeReader struct{ querier }

// purgeWriter deletes what is not kept any more.
type purgeWriter struct {
	*transaction
	audit auditWriter
}

// references selects all requests, each with its exception, and all short-term exceptions, with how and when
// they ended.
const references = `
	SELECT ref, ending, closed_at, purged,
		EXISTS (SELECT 1 FROM hold WHERE hold.ref = every.ref) AS held,
		EXISTS (SELECT 1 FROM outbound WHERE outbound.ref = every.ref AND outbound.state = 'queued')
			OR EXISTS (SELECT 1 FROM letter_row AS r JOIN outbound AS o ON o.id = r.letter WHERE r.ref = every.ref AND o.state = 'queued')
			OR EXISTS (SELECT 1 FROM action WHERE action.ref = every.ref AND action.state = 'open') AS waiting
	FROM (
		SELECT r.ref, r.purged_at > 0 AS purged,
			CASE WHEN e.state = 'active' THEN '' -- whatever its request says
				WHEN r.state IN ('rejected', 'withdrawn', 'lapsed') THEN r.state
				WHEN r.state = 'approved' AND e.state <> 'active' THEN 'approved' ELSE '' END AS ending,
			CASE WHEN r.state <> 'approved' THEN r.waiting_since WHEN e.state = 'ended' THEN e.ends_at
				ELSE COALESCE(e.closed_at, 0) END AS closed_at
		FROM request AS r LEFT JOIN exception AS e ON e.ref = r.ref
		UNION ALL
		SELECT e.ref, e.purged_at > 0, CASE WHEN e.state = 'active' THEN '' ELSE 'short_term' END,
			CASE WHEN e.state = 'ended' THEN e.ends_at ELSE e.closed_at END
		FROM exception AS e WHERE NOT EXISTS (SELECT 1 FROM request AS r WHERE r.ref = e.ref)
	) AS every`

func scanReference(row scanner) (intake.Reference, error) {
	var r intake.Reference
	var closed int64
	err := row.Scan(&r.Ref, &r.Ending, &closed, &r.Purged, &r.Held, &r.Waiting)
	if r.Ending != "" {
		r.ClosedAt = fromUnix(closed)
	}
	return r, err
}

// References returns, in order, those after one that were over at a moment and of which anything personal is kept, at most limit.
func (db purgeReader) References(ctx context.Context, after string, over time.Time, limit int) ([]intake.Reference, error) {
	return collect(ctx, db, scanReference, references+`
		WHERE ref > $1 AND NOT purged AND ending <> '' AND closed_at <= $2 ORDER BY ref LIMIT $3`, after, unix(over), limit)
}

// Reference returns a reference as it is now, or ErrNotFound.
func (db purgeReader) Reference(ctx context.Context, ref string) (intake.Reference, error) {
	r, err := one(ctx, db, scanReference, references+` WHERE ref = $1`, ref)
	if err != nil {
		return intake.Reference{}, err
	}
	return *r, nil
}

const keptColumns = `id, outcome, ref, received_at, size, raw_purged_at`

func scanKept(row scanner) (intake.KeptMessage, error) {
	var m intake.KeptMessage
	var received, gone int64
	var names string
	err := row.Scan(&m.ID, &m.Outcome, &names, &received, &m.Size, &gone)
	m.ReceivedAt, m.HasRaw = fromUnix(received), gone == 0
	if names != "" {
		m.Names = strings.Split(names, ",")
	}
	return m, err
}

// RawMessages returns, in order, the messages after one that have an outcome, had arrived at a moment, and of which the raw
// message is kept, at most limit.
func (db purgeReader) RawMessages(ctx context.Context, after int64, arrived time.Time, limit int) ([]intake.KeptMessage, error) {
	return db.withHolds(ctx, `SELECT `+keptColumns+` FROM inbound
		WHERE id > $1 AND received_at <= $2 AND raw_purged_at = 0 AND purged_at = 0 AND outcome <> '' ORDER BY id LIMIT $3`,
		after, unix(arrived), limit)
}

// KeptMessages returns, in order, the messages after one that have an outcome, had arrived at a moment, and of which anything
// personal is kept, at most limit.
func (db purgeReader) KeptMessages(ctx context.Context, after int64, arrived time.Time, limit int) ([]intake.KeptMessage, error) {
	return db.withHolds(ctx, `SELECT `+keptColumns+` FROM inbound
		WHERE id > $1 AND received_at <= $2 AND purged_at = 0 AND outcome <> '' ORDER BY id LIMIT $3`, after, unix(arrived), limit)
}

// withHolds reads messages, each with the references that it began or brought evidence for.
func (db purgeReader) withHolds(ctx context.Context, query string, args ...any) ([]intake.KeptMessage, error) {
	out, err := collect(ctx, db, scanKept, query, args...)
	for i := range out {
		if err == nil {
			out[i].Holds, err = db.holds(ctx, out[i].ID)
		}
	}
	return out, err
}

func (db purgeReader) holds(ctx context.Context, id int64) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT ref FROM request WHERE inbound_id = $1 UNION SELECT ref FROM evidence WHERE inbound_id = $1 ORDER BY ref`, id)
}

// KeptMessage returns a message as it is now, or ErrNotFound where nothing personal is kept of it.
func (db purgeReader) KeptMessage(ctx context.Context, id int64) (intake.KeptMessage, error) {
	m, err := one(ctx, db, scanKept, `SELECT `+keptColumns+` FROM inbound WHERE purged_at = 0 AND outcome <> '' AND id = $1`, id)
	if err != nil {
		return intake.KeptMessage{}, err
	}
	m.Holds, err = db.holds(ctx, id)
	return *m, err
}

// MessagesOf returns, in order, those of the kept messages that began a request, brought evidence for it, or
// are about it.
func (db purgeReader) MessagesOf(ctx context.Context, ref string) ([]int64, error) {
	return collect(ctx, db, scanValue[int64], `
		SELECT id FROM inbound
		WHERE purged_at = 0 AND outcome <> '' AND (',' || ref || ',' LIKE '%,' || $1 || ',%' OR id IN (
			SELECT inbound_id FROM request WHERE ref = $1 UNION SELECT inbound_id FROM evidence WHERE ref = $1))
		ORDER BY id`, ref)
}

// Files returns the SHA-256 digests of the evidence that came with a message.
func (db purgeReader) Files(ctx context.Context, id int64) ([]string, error) {
	return collect(ctx, db, scanValue[string], `SELECT DISTINCT sha256 FROM evidence WHERE inbound_id = $1 ORDER BY sha256`, id)
}

// PurgeRaw deletes a raw message. It returns ErrStale if it was deleted already.
func (t purgeWriter) PurgeRaw(ctx context.Context, id int64, now time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM raw_message WHERE inbound_id = $1`, id)
	if err != nil {
		return err
	}
	return t.guarded(ctx, `UPDATE inbound SET raw_purged_at = $1 WHERE id = $2 AND raw_purged_at = 0`, unix(now), id)
}

// PurgeMessage blanks what the ledger says of who wrote a message, and what. It returns ErrStale if it is
// blank already.
func (t purgeWriter) PurgeMessage(ctx context.Context, id int64, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE inbound SET message_id = '', from_address = '', subject = '', checks = '[]', purged_at = $1
		WHERE id = $2 AND purged_at = 0`, unix(now), id)
}

// blankLetter is what is left of a purged letter.
func blankLetter(now time.Time) cells {
	return cells{"recipient": "", "answers_to": "", "thread": "null", "facts": "{}", "attach": "null", "last_error": "", "subject": "",
		"went_to": "", "purged_at": unix(now)}
}

// PurgeReference blanks the personal data of a reference: its own, and that of its evidence, reviews, letters
// and history.
func (t purgeWriter) PurgeReference(ctx context.Context, ref string, now time.Time) error {
	at := unix(now)
	version, err := collect(ctx, t, scanValue[int64], `SELECT version FROM request WHERE ref = $1`, ref)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		kind  sealedKind
		to    cells
		where string
	}{
		{requests(), cells{"subject_email": "", "subject_name": "", "justification": "", "requested_by": "", "senders": "",
			"barred": "", "writer": "",
			"digest": "", "version": slices.Max(append(version, 0)) + 1, "purged_at": at}, `ref = $1`},
		{exceptions(), cells{"subject_email": "", "subject_name": "", "note": "", "directory_id": "", "purged_at": at}, `ref = $1`},
		{reviews(), cells{"void_at": at}, `ref = $1 AND void_at = 0`},
		{reviews(), cells{"text": "", "digest": ""}, `ref = $1`},
		{actions(), cells{"state": "void", "ended_at": at}, `ref = $1 AND state = 'asked'`}, // nobody has said for so long that it is done
		{actions(), cells{"subject_email": "", "directory_id": "", "last_error": ""}, `ref = $1`},
		{letters(), blankLetter(now), `ref = $1 AND state <> 'queued'`},
	} {
		if err := t.blank(ctx, c.kind, c.to, c.where, ref); err != nil {
			return err
		}
	}
	if err := t.dropRow(ctx, ref, blankLetter(now)); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE evidence SET filename = '', declared_type = '', why = '' WHERE ref = $1`, ref); err != nil {
		return err
	}
	return t.audit.Redact(ctx, ref)
}

// looseLetters and looseEntries select letters and entries of the audit from before a moment that belong to
// no reference, or to one that is purged. An entry may name several references. One that says of nobody that
// they did it, such as a proof of a purge, holds nothing personal.
const (
	loosely = ` AND NOT EXISTS (SELECT 1 FROM request AS r WHERE r.ref = loose.ref AND r.purged_at = 0)
		AND NOT EXISTS (SELECT 1 FROM exception AS e WHERE e.ref = loose.ref AND e.purged_at = 0)
		AND NOT EXISTS (SELECT 1 FROM hold WHERE ',' || loose.ref || ',' LIKE '%,' || hold.ref || ',%')`
	looseLetters = ` FROM outbound AS loose WHERE purged_at = 0 AND state <> 'queued' AND created_at <= $1` + loosely + `
		AND NOT EXISTS (SELECT 1 FROM letter_row AS l WHERE l.letter = loose.id AND (
			EXISTS (SELECT 1 FROM hold WHERE hold.ref = l.ref)
			OR EXISTS (SELECT 1 FROM request AS r WHERE r.ref = l.ref AND r.purged_at = 0)
			OR EXISTS (SELECT 1 FROM exception AS e WHERE e.ref = l.ref AND e.purged_at = 0)))`
	looseEntries = ` FROM audit AS loose WHERE by <> '' AND at <= $1` + loosely
)

// CountLoose counts the letters and the entries of the audit from before a moment that PurgeLoose would blank.
func (db purgeReader) CountLoose(ctx context.Context, before time.Time) (letters, entries int, err error) {
	if letters, err = value[int](ctx, db, `SELECT COUNT(*)`+looseLetters, unix(before)); err != nil {
		return 0, 0, err
	}
	entries, err = value[int](ctx, db, `SELECT COUNT(*)`+looseEntries, unix(before))
	return letters, entries, err
}

// LooseLetters returns, in order, the letters after one that PurgeLoose would blank, at most limit.
func (db purgeReader) LooseLetters(ctx context.Context, after int64, before time.Time, limit int) ([]int64, error) {
	return collect(ctx, db, scanValue[int64], `SELECT id`+looseLetters+` AND id > $2 ORDER BY id LIMIT $3`, unix(before), after, limit)
}

// LooseEntries returns, in order, the entries of the audit after one that PurgeLoose would blank, at most limit.
func (db purgeReader) LooseEntries(ctx context.Context, after int64, before time.Time, limit int) ([]int64, error) {
	return collect(ctx, db, scanValue[int64], `SELECT id`+looseEntries+` AND id > $2 ORDER BY id LIMIT $3`, unix(before), after, limit)
}

// PurgeLoose blanks those of the letters and of the entries of the audit that are sent and from before a moment, and belong to no
// reference or to one that is purged. It returns how many it blanked.
func (t purgeWriter) PurgeLoose(ctx context.Context, ids intake.Loose, before, now time.Time) (letters, entries int, err error) {
	for _, id := range ids.Letters {
		found, err := collect(ctx, t, scanValue[int64], `SELECT id`+looseLetters+` AND id = $2`, unix(before), id)
		if err != nil {
			return 0, 0, err
		}
		if letters += len(found); len(found) > 0 {
			if err := t.PurgeLetter(ctx, id, now); err != nil {
				return 0, 0, err
			}
		}
	}
	for _, id := range ids.Entries {
		found, err := collect(ctx, t, scanValue[int64], `SELECT id`+looseEntries+` AND id = $2`, unix(before), id)
		if err != nil {
			return 0, 0, err
		}
		if entries += len(found); len(found) > 0 {
			if err := t.audit.redactEntry(ctx, id); err != nil {
				return 0, 0, err
			}
		}
	}
	return letters, entries, nil
}

// overAbsences selects the absences that were over before a moment.
const overAbsences = `CASE WHEN ended_at > 0 THEN ended_at ELSE until END BETWEEN 1 AND $1`

// OverAbsences counts what PurgeAbsences would remove.
func (db purgeReader) OverAbsences(ctx context.Context, before time.Time) (int, error) {
	return value[int](ctx, db, `SELECT COUNT(*) FROM absence WHERE `+overAbsences, unix(before))
}

// PurgeAbsences removes the absences that were over before a moment. It returns how many.
func (t purgeWriter) PurgeAbsences(ctx context.Context, before time.Time) (n int, err error) {
	if n, err = value[int](ctx, t, `SELECT COUNT(*) FROM absence WHERE `+overAbsences, unix(before)); err != nil || n == 0 {
		return n, err
	}
	return n, t.remove(ctx, absences(), overAbsences, unix(before))
}

// PurgeLetter blanks a letter that was sent or given up.
func (t purgeWriter) PurgeLetter(ctx context.Context, id int64, now time.Time) error {
	return t.blank(ctx, letters(), blankLetter(now), `id = $1`, id)
}

// Spare returns how many bytes of the database's file are free for new rows; 0 where there is no file.
func (s *Store) Spare(ctx context.Context) (bytes int64, err error) {
	if s.wipe == nil {
		return 0, nil
	}
	err = s.read.QueryRowContext(ctx, `SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size`).Scan(&bytes)
	return bytes, err
}

// Wipe removes what was deleted from the database's files. SQLite overwrites what it deletes (secure_delete),
// but in the write-ahead log first, where the page as it was before still stands: Wipe copies the log into
// the database and truncates it. It returns ErrBusy while somebody reads what was there before.
//
// There is no VACUUM: it needs room for a second database and keeps everybody from writing. The pages that
// are free are all zero, and new messages use them again.
//
// What was deleted in PostgreSQL is its server's to remove: by vacuuming, and as it archives or recycles its log.
func (s *Store) Wipe(ctx context.Context) error {
	if s.wipe == nil {
		return nil
	}
	var busy, pages, moved int
	if err := s.wipe.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return intake.ErrBusy
	}
	return nil
}

// holdReader reads the legal holds.
type holdReader struct{ querier }

// holdWriter writes the legal holds.
type holdWriter struct{ *transaction }

// Hold places a legal hold. It returns ErrStale where there is one already.
func (t holdWriter) Hold(ctx context.Context, h intake.Hold) error {
	return t.guarded(ctx, `
		INSERT INTO hold (ref, placed_at, by, reason) VALUES ($1, $2, $3, $4) ON CONFLICT (ref) DO NOTHING`,
		h.Ref, unix(h.At), h.By, h.Reason)
}

// Release ends a legal hold. It returns ErrStale where there is none.
func (t holdWriter) Release(ctx context.Context, ref string) error {
	return t.guarded(ctx, `DELETE FROM hold WHERE ref = $1`, ref)
}

// HoldOn returns the hold on a reference, or ErrNotFound.
func (db holdReader) HoldOn(ctx context.Context, ref string) (*intake.Hold, error) {
	scan := func(row scanner) (h intake.Hold, err error) {
		var at int64
		err = row.Scan(&h.Ref, &at, &h.By, &h.Reason)
		h.At = fromUnix(at)
		return h, err
	}
	return one(ctx, db, scan, `SELECT ref, placed_at, by, reason FROM hold WHERE ref = $1`, ref)
}
