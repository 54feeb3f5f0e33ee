package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"mfabot/intake"
)

// Record appends an entry to the audit: to the chain of its reference, and to the chain of all entries.
//
// The next numbers follow the table as well as the heads. So the bot carries on where somebody has tampered
// with either, and what they did can still be found.
func (t *tx) Record(ctx context.Context, e intake.HistoryEntry) error {
	own, all := head{ref: e.Ref}, head{ref: everything}
	heads, err := collect(ctx, t, scanHead, `SELECT ref, length, hash, mac FROM audit_head WHERE ref IN ($1, '*')`, e.Ref)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.ref == everything {
			all = h
		} else {
			own = h
		}
	}
	var last, lastOwn int64
	err = t.QueryRowContext(ctx, `
		SELECT (SELECT COALESCE(MAX(id), 0) FROM audit), (SELECT COALESCE(MAX(seq), 0) FROM audit WHERE ref = $1)`, e.Ref).Scan(&last, &lastOwn)
	if err != nil {
		return err
	}
	all.length, own.length = max(all.length, last), max(own.length, lastOwn)
	r, own, all, err := linked(e, own, all, t.store.key)
	if err != nil {
		return err
	}
	if err := t.addEntry(ctx, r); err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `
		INSERT INTO audit_head (ref, length, hash, mac) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)
		ON CONFLICT (ref) DO UPDATE SET length = excluded.length, hash = excluded.hash, mac = excluded.mac`,
		own.ref, own.length, own.hash, own.mac, all.ref, all.length, all.hash, all.mac)
	return err
}

func (t *tx) addEntry(ctx context.Context, r entry) error {
	_, err := t.ExecContext(ctx, `INSERT INTO audit (id, ref, seq, at, event, by, text, salt, digest, hash, redacted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')`,
		r.id, r.ref, r.seq, r.at, r.event, r.by, r.text, r.salt, r.digest, r.hash)
	return err
}

func scanHead(row scanner) (h head, err error) {
	err = row.Scan(&h.ref, &h.length, &h.hash, &h.mac)
	return h, err
}

// Redact removes from every entry of a reference its words and who it was by. Proofs of a purge hold nothing
// personal and stay as they are.
func (t *tx) Redact(ctx context.Context, ref string) error {
	entries, err := collect(ctx, t, scanID, `SELECT id FROM audit WHERE ref = $1 AND event <> 'purged' ORDER BY id`, ref)
	if err != nil {
		return err
	}
	for _, id := range entries {
		if err := t.redactEntry(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// redactEntry removes from one entry its words and who it was by. What the chains are made of stays, and a
// mark made with the key says that the bot removed the rest.
func (t *tx) redactEntry(ctx context.Context, id int64) error {
	var hash string
	err := t.QueryRowContext(ctx, `SELECT hash FROM audit WHERE id = $1 AND salt <> ''`, id).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) { // redacted already
		return nil
	}
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `UPDATE audit SET by = '', text = '', salt = '', redacted = $1 WHERE id = $2`, t.store.key.redaction(hash), id)
	return err
}

// AuditNow returns a checkpoint of the audit as it is now, without its day.
func (t *tx) AuditNow(ctx context.Context) (intake.Checkpoint, error) {
	var c intake.Checkpoint
	err := t.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(CASE WHEN ref = '*' THEN length END), 0), COALESCE(MAX(CASE WHEN ref = '*' THEN hash END), ''),
			COUNT(CASE WHEN ref <> '*' THEN 1 END)
		FROM audit_head`).Scan(&c.Entries, &c.Root, &c.Chains)
	return c, err
}

// LastCheckpoint returns the newest checkpoint: a zero one where there is none, or where somebody has made it
// unreadable.
func (t *tx) LastCheckpoint(ctx context.Context) (intake.Checkpoint, error) {
	scan := func(row scanner) (c intake.Checkpoint, err error) {
		var text string
		if err := row.Scan(&text); err != nil {
			return c, err
		}
		if json.Unmarshal([]byte(text), &c) != nil {
			c = intake.Checkpoint{}
		}
		return c, nil
	}
	found, err := collect(ctx, t, scan, `SELECT text FROM audit WHERE ref = $1 ORDER BY seq DESC LIMIT 1`, intake.CheckpointRef)
	if err != nil || len(found) == 0 {
		return intake.Checkpoint{}, err
	}
	return found[0], nil
}

// History returns the audit entries of one reference, oldest first.
func (t *tx) History(ctx context.Context, ref string) ([]intake.HistoryEntry, error) {
	return historyOf(ctx, t, ref)
}

// History returns the audit entries of one reference, oldest first.
func (s *Store) History(ctx context.Context, ref string) ([]intake.HistoryEntry, error) {
	return historyOf(ctx, s.read, ref)
}

func historyOf(ctx context.Context, q querier, ref string) ([]intake.HistoryEntry, error) {
	scan := func(row scanner) (intake.HistoryEntry, error) {
		var e intake.HistoryEntry
		var at int64
		err := row.Scan(&e.Ref, &at, &e.Event, &e.By, &e.Text)
		e.At = fromUnix(at)
		return e, err
	}
	return collect(ctx, q, scan, `SELECT ref, at, event, by, text FROM audit WHERE ref = $1 ORDER BY seq`, ref)
}
