package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"maps"
	"slices"
	"time"

	"mfabot/intake"
)

// auditReader reads the audit.
type auditReader struct{ querier }

// auditWriter appends to the audit, and redacts it.
type auditWriter struct {
	*transaction
	key     auditKey
	command string // see Store
}

// Record appends an entry to the audit: to the chain of its reference, and to the chain of all entries.
//
// The next numbers follow the table as well as the heads. So the bot carries on where somebody has tampered
// with either, and what they did can still be found.
func (t auditWriter) Record(ctx context.Context, e intake.HistoryEntry) error {
	e.Command = t.command
	e = storableEntry(e)
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
	err = first(ctx, t, func(row scanner) error { return row.Scan(&last, &lastOwn) }, `
		SELECT (SELECT COALESCE(MAX(id), 0) FROM audit),
			(SELECT COALESCE(MAX(CAST(seq AS BIGINT)), 0) FROM audit WHERE ref = $1)`, e.Ref)
	if err != nil {
		return err
	}
	all.length, own.length = max(all.length, last), max(own.length, lastOwn)
	r, own, all, err := linked(e, own, all, t.key)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `INSERT INTO audit (id, ref, seq, at, event, by, text, command, salt, digest, hash, redacted,
			until, whom)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13)`,
		r.id, r.ref, r.seq, r.at, r.event, r.by, r.text, r.command, r.salt, r.digest, r.hash, r.until, r.whom); err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO audit_head (ref, length, hash, mac) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)
		ON CONFLICT (ref) DO UPDATE SET length = excluded.length, hash = excluded.hash, mac = excluded.mac`,
		own.ref, own.length, own.hash, own.mac, all.ref, all.length, all.hash, all.mac)
	return t.counts(CountedEvent, string(e.Event), err)
}

// storableEntry is an entry as it is stored: its hash is of that.
func storableEntry(e intake.HistoryEntry) intake.HistoryEntry {
	for _, text := range []*string{&e.Ref, &e.By, &e.Text, &e.User, &e.Command} {
		*text = storableText(*text)
	}
	return e
}

// scanHead reads a head. A value of a type that the bot never writes is as if there were none, so that it stops nothing.
func scanHead(row scanner) (h head, err error) {
	var length, hash, mac any
	err = row.Scan(&h.ref, &length, &hash, &mac)
	h.length, _ = length.(int64)
	h.hash, h.mac = asText(hash), asText(mac)
	return h, err
}

// Redact removes from every entry of a reference its words and who it was by. Proofs of a purge hold nothing
// personal and stay as they are.
func (t auditWriter) Redact(ctx context.Context, ref string) error {
	entries, err := collect(ctx, t, scanValue[int64], `SELECT id FROM audit WHERE ref = $1 AND event <> 'purged' ORDER BY id`, ref)
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
func (t auditWriter) redactEntry(ctx context.Context, id int64) error {
	hash, err := value[string](ctx, t, `SELECT hash FROM audit WHERE id = $1 AND salt <> ''`, id)
	if errors.Is(err, intake.ErrNotFound) { // redacted already
		return nil
	}
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, t.redact, t.key.redaction(hash), id)
	return err
}

// AuditNow returns a checkpoint of the audit as it is now, without its day.
func (db auditReader) AuditNow(ctx context.Context) (c intake.Checkpoint, err error) {
	err = each(ctx, db, func(row scanner) error {
		h, err := scanHead(row)
		if h.ref == everything {
			c.Entries, c.Root = h.length, h.hash
		} else {
			c.Chains++
		}
		return err
	}, `SELECT ref, length, hash, mac FROM audit_head`)
	if err != nil || c.Entries == 0 {
		return c, err
	}
	active := make(map[string]standing)
	err = each(ctx, db, func(row scanner) error {
		var ref, until, whom any
		err := row.Scan(&ref, &until, &whom)
		var s standing
		s.until, _ = until.(int64)
		s.whom = asText(whom)
		active[asText(ref)] = s
		return err
	}, `SELECT ref, until, whom FROM audit AS a WHERE until > 0 AND NOT EXISTS (
			SELECT 1 FROM audit AS b WHERE b.ref = a.ref AND b.id > a.id AND b.event IN ('ended', 'revoke', 'superseded'))
		ORDER BY id`)
	c.Active = rootOf(active)
	return c, err
}

// rootOf is one hash over who is exempt until when.
func rootOf(active map[string]standing) string {
	root := newActiveRoot()
	for _, ref := range slices.Sorted(maps.Keys(active)) {
		root.add(ref, active[ref])
	}
	return root.String()
}

// activeRoot is what rootOf returns, made of one exception after the other, in the order of their references.
type activeRoot struct{ h hash.Hash }

func newActiveRoot() activeRoot {
	root := activeRoot{sha256.New()}
	feed(root.h, "mfabot active")
	return root
}

func (r activeRoot) add(ref string, s standing) { feed(r.h, ref, decimal(s.until), s.whom) }

func (r activeRoot) String() string { return hex.EncodeToString(r.h.Sum(nil)) }

// LastCheckpoint returns the newest checkpoint: a zero one where there is none, or where somebody has made it
// unreadable.
func (db auditReader) LastCheckpoint(ctx context.Context) (intake.Checkpoint, error) {
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
	found, err := collect(ctx, db, scan, `SELECT text FROM audit WHERE ref = $1 ORDER BY seq DESC LIMIT 1`, intake.CheckpointRef)
	if err != nil || len(found) == 0 {
		return intake.Checkpoint{}, err
	}
	return found[0], nil
}

// History returns the audit entries of one reference, oldest first.
func (db auditReader) History(ctx context.Context, ref string) ([]intake.HistoryEntry, error) {
	return collect(ctx, db, scanHistory, `SELECT ref, at, event, by, text, command FROM audit WHERE ref = $1 ORDER BY seq`, ref)
}

// HistoryAt returns the audit entries of no reference that are of an event and a moment, oldest first.
func (db auditReader) HistoryAt(ctx context.Context, event intake.Event, at time.Time) ([]intake.HistoryEntry, error) {
	return collect(ctx, db, scanHistory, `
		SELECT ref, at, event, by, text, command FROM audit WHERE ref = '' AND event = $1 AND at = $2 ORDER BY seq`,
		string(event), unix(at))
}

func scanHistory(row scanner) (intake.HistoryEntry, error) {
	var e intake.HistoryEntry
	var at int64
	err := row.Scan(&e.Ref, &at, &e.Event, &e.By, &e.Text, &e.Command)
	e.At = fromUnix(at)
	return e, err
}

// AtWork reports whether anything was recorded in the audit after a moment and no later than another.
func (db auditReader) AtWork(ctx context.Context, after, until time.Time) (bool, error) {
	return value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM audit WHERE at > $1 AND at <= $2)`, unix(after), unix(until))
}

// neverSealed holds as long as no chain was ever sealed: old entries are chained when the database is opened,
// and the key comes later. Once there is a checkpoint, seals that are missing were removed.
const neverSealed = `NOT EXISTS (SELECT 1 FROM audit_head WHERE mac <> '' OR ref = 'checkpoint')`

// ErrSealsGone says that the audit was sealed, and that no seal is left.
var ErrSealsGone = errors.New("somebody has taken the seals of the audit away")

// Seal gives the Store the key that seals the heads of the audit. It must be called before anything is
// recorded. Entries that are there already are sealed if nothing ever was. If seals were removed it returns
// ErrSealsGone and leaves the entries as they are; what is recorded from then on is sealed nonetheless, and
// does not fit.
func (s *Store) Seal(ctx context.Context, key SealKey) error {
	s.key = newAuditKey(key.Secret)
	var bare, unsealed bool
	err := first(ctx, s.auditReader, func(row scanner) error { return row.Scan(&bare, &unsealed) }, `
		SELECT EXISTS (SELECT 1 FROM audit_head) AND NOT EXISTS (SELECT 1 FROM audit_head WHERE mac <> ''),
			EXISTS (SELECT 1 FROM audit_head) AND `+neverSealed)
	switch {
	case err != nil:
		return err
	case bare && (key.Used || !unsealed):
		return ErrSealsGone
	case !unsealed:
		return nil
	}
	return s.Update(ctx, func(t *Tx) error { return t.sealAll(ctx) })
}

// sealAll seals every chain, unless another process has done so in the meantime.
func (t auditWriter) sealAll(ctx context.Context) error {
	scan := func(row scanner) (e entry, err error) {
		err = row.Scan(&e.ref, &e.seq, &e.id, &e.hash)
		return e, err
	}
	entries, err := collect(ctx, t, scan, `SELECT ref, seq, id, hash FROM audit WHERE `+neverSealed+` ORDER BY id`)
	if err != nil {
		return err
	}
	macs := make(map[string]string)
	for _, e := range entries {
		macs[e.ref] = t.key.seal(macs[e.ref], e.ref, e.seq, e.hash)
		macs[everything] = t.key.seal(macs[everything], everything, e.id, e.hash)
	}
	for ref, mac := range macs {
		if _, err := t.exec(ctx, `UPDATE audit_head SET mac = $1 WHERE ref = $2`, mac, ref); err != nil {
			return err
		}
	}
	return nil
}
