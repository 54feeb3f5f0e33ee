package store

import (
	"context"
	"database/sql"
	"errors"

	"mfabot/intake"
)

// chained is the version of the schema that chained the audit.
const chained = 6

// The SQL of that version. It is here and not with the other migrations because the hashes are computed in
// between.
const (
	beforeChaining = `
		DROP INDEX audit_ref;
		ALTER TABLE audit RENAME TO audit_before;
		CREATE TABLE audit (
			id       INTEGER PRIMARY KEY,
			ref      TEXT   NOT NULL,
			seq      BIGINT NOT NULL,
			at       BIGINT NOT NULL,
			event    TEXT   NOT NULL,
			by       TEXT   NOT NULL,
			text     TEXT   NOT NULL,
			salt     TEXT   NOT NULL,
			digest   TEXT   NOT NULL,
			hash     TEXT   NOT NULL,
			redacted TEXT   NOT NULL,
			UNIQUE (ref, seq)
		);
		CREATE TABLE audit_head (
			ref    TEXT   NOT NULL PRIMARY KEY, -- * for that of all entries
			length BIGINT NOT NULL,
			hash   TEXT   NOT NULL,
			mac    TEXT   NOT NULL
		);`

	afterChaining = `
		DROP TABLE audit_before;
		CREATE TRIGGER audit_keep BEFORE DELETE ON audit BEGIN
			SELECT RAISE(ABORT, 'the audit is only added to');
		END;
		CREATE TRIGGER audit_redact BEFORE UPDATE ON audit
		WHEN NOT (NEW.by = '' AND NEW.text = '' AND NEW.salt = '' AND OLD.salt <> '' AND NEW.id = OLD.id AND NEW.ref = OLD.ref
			AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.event = OLD.event AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash)
		BEGIN
			SELECT RAISE(ABORT, 'an entry of the audit is only redacted');
		END;`
)

// chainOld chains the entries that are there already.
func (s *Store) chainOld(ctx context.Context, begun *sql.Tx) error {
	t := &tx{begun: begun, store: s}
	if _, err := t.ExecContext(ctx, beforeChaining); err != nil {
		return err
	}
	if err := t.chainBefore(ctx); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, afterChaining)
	return err
}

// chainBefore copies the entries in order, a batch at a time.
func (t *tx) chainBefore(ctx context.Context) error {
	const batch = 1000
	heads := map[string]head{everything: {ref: everything}}
	var last int64
	scan := func(row scanner) (e intake.HistoryEntry, err error) {
		var at int64
		err = row.Scan(&last, &e.Ref, &at, &e.Event, &e.By, &e.Text)
		e.At = fromUnix(at)
		return e, err
	}
	for n := batch; n == batch; {
		entries, err := collect(ctx, t, scan, `SELECT id, ref, at, event, by, text FROM audit_before WHERE id > $1 ORDER BY id LIMIT $2`, last, batch)
		if err != nil {
			return err
		}
		for _, e := range entries {
			own, known := heads[e.Ref]
			if !known {
				own.ref = e.Ref
			}
			r, own, all, err := linked(e, own, heads[everything], nil)
			if err != nil {
				return err
			}
			if err := t.addEntry(ctx, r); err != nil {
				return err
			}
			heads[e.Ref], heads[everything] = own, all
		}
		n = len(entries)
	}
	for _, h := range heads {
		if h.length == 0 {
			continue
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO audit_head (ref, length, hash, mac) VALUES ($1, $2, $3, '')`, h.ref, h.length, h.hash); err != nil {
			return err
		}
	}
	return nil
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
	var bare, first bool
	err := s.read.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM audit_head) AND NOT EXISTS (SELECT 1 FROM audit_head WHERE mac <> ''),
			EXISTS (SELECT 1 FROM audit_head) AND `+neverSealed).Scan(&bare, &first)
	switch {
	case err != nil:
		return err
	case bare && (key.Used || !first):
		return ErrSealsGone
	case !first:
		return nil
	}
	return s.update(ctx, func(t *tx) error { return t.sealAll(ctx) })
}

// sealAll seals every chain, unless another process has done so in the meantime.
func (t *tx) sealAll(ctx context.Context) error {
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
		macs[e.ref] = t.store.key.seal(macs[e.ref], e.ref, e.seq, e.hash)
		macs[everything] = t.store.key.seal(macs[everything], everything, e.id, e.hash)
	}
	for ref, mac := range macs {
		if _, err := t.ExecContext(ctx, `UPDATE audit_head SET mac = $1 WHERE ref = $2`, mac, ref); err != nil {
			return err
		}
	}
	return nil
}
