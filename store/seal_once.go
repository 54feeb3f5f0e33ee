package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// How the rows of a database that never were sealed are sealed: once, as they are.
//
// First the content of all of them is noted in the key's file: a hash that is made with the key. Then they are sealed in
// transactions of a few each, so that the log of the database stays small. Last, in one transaction that writes next to
// nothing, all are read again: only if they are what was noted, the tallies are sealed, which ends it. A start that was
// cut short goes on only where the content is still what was noted. So nothing that anybody writes in between is ever
// acted on, and nothing that was written afterwards is ever sealed: the key's file, which is not the database's, keeps
// what the rows were.

// ErrRowsBare says that the rows were sealed, or were about to be, and that they are neither sealed nor what they were
// when that began.
var ErrRowsBare = errors.New("what mfabot acts on was sealed with this key, and no seal is in the database any more")

// ErrRowsChanged says that somebody else wrote to the rows while they were sealed.
var ErrRowsChanged = errors.New("somebody has changed what mfabot acts on while it was being sealed")

// sealBatch is how many rows are sealed in one transaction.
const sealBatch = 500

// FollowSeals has the rows that the bot acts on checked and sealed with a key from now on, if all of them are: it
// reports whether they are, and changes nothing. It returns ErrOtherKey where another key sealed them, and ErrRowsBare
// where they should be by what is known of the key.
func (s *Store) FollowSeals(ctx context.Context, key SealKey) (sealed bool, err error) {
	begun, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return false, err
	}
	defer func() { _ = begun.Rollback() }()
	k := newRowKey(key.Secret)
	sealed, err = k.sealedTallies(ctx, reading{begun, s.seals})
	if sealed {
		s.seals.use(k, newAuditKey(key.Secret))
	}
	if err != nil || sealed || !key.Rows {
		return sealed, err
	}
	_, err = k.toSeal(ctx, reading{begun, s.seals}, key)
	return false, err
}

// toSeal returns what the rows are that are to be sealed. It returns ErrRowsBare where that began with others.
func (k rowKey) toSeal(ctx context.Context, db querier, key SealKey) (content, error) {
	found, err := k.contentOf(ctx, db)
	if err == nil && key.Rows && found.rows > 0 && found.hash != key.Begun {
		err = ErrRowsBare
	}
	return found, err
}

// sealedTallies reports whether the tallies are sealed, with which the sealing of all rows ends.
func (k rowKey) sealedTallies(ctx context.Context, db querier) (bool, error) {
	seals, err := collect(ctx, db, scanValue[string], `SELECT seal FROM tally WHERE seal <> ''`)
	ours := slices.ContainsFunc(seals, func(seal string) bool { return strings.HasPrefix(seal, k.mark()+":") })
	if err == nil && len(seals) > 0 && !ours {
		err = ErrOtherKey
	}
	return ours, err
}

// content is what the rows of all kinds are.
type content struct {
	hash  string
	rows  int // without the tallies
	unfit int // of these, how many have no seal that fits
}

// contentOf reads all rows. It returns ErrOtherKey where another key has sealed one.
func (k rowKey) contentOf(ctx context.Context, db querier) (c content, err error) {
	h := hmac.New(sha256.New, k)
	for _, kind := range sealedKinds() {
		err := eachRow(ctx, db, func(row scanner) error {
			all, err := cellsOf(row)
			if err != nil {
				return err
			}
			what := k.fault(kind, all)
			if what == OtherKey {
				return ErrOtherKey
			}
			if kind.table != tallies().table {
				c.rows++
				if what != "" {
					c.unfit++
				}
			}
			_, err = io.WriteString(h, k.row(kind, all))
			return err
		}, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`, kind.stored(), kind.table, kind.key))
		if err != nil {
			return c, err
		}
	}
	c.hash = hex.EncodeToString(h.Sum(nil))
	return c, nil
}

// goesOn reports whether the rows are about to be sealed, and are what they were when that began.
func (k SealKey) goesOn(ctx context.Context, db querier) (bool, error) {
	key := newRowKey(k.Secret)
	if key == nil || k.Begun == "" {
		return false, nil
	}
	sealed, err := key.sealedTallies(ctx, db)
	if err != nil || sealed {
		return false, noOtherKey(err)
	}
	found, err := key.contentOf(ctx, db)
	return err == nil && found.hash == k.Begun, noOtherKey(err)
}

// noOtherKey returns an error, unless it is ErrOtherKey.
func noOtherKey(err error) error {
	if errors.Is(err, ErrOtherKey) {
		return nil
	}
	return err
}

// SealRows is FollowSeals, and seals the rows of a database whose rows never were, as they are, which the audit records;
// or goes on with that. mark notes in the key's file what they are. Nobody else may use the database before it is done.
// It returns ErrRowsChanged where somebody did.
func (s *Store) SealRows(ctx context.Context, key SealKey, now time.Time, mark func(content string) error) error {
	k := newRowKey(key.Secret)
	if k == nil {
		return nil
	}
	if sealed, err := s.FollowSeals(ctx, key); err != nil || sealed {
		return err
	}
	var noted content
	if err := s.Update(ctx, func(t *Tx) (err error) {
		noted, err = k.toSeal(ctx, t, key)
		return err
	}); err != nil {
		return err
	}
	if !key.Rows {
		if err := mark(noted.hash); err != nil {
			return err
		}
	}
	s.seals.use(k, newAuditKey(key.Secret))
	for _, kind := range sealedKinds() {
		if kind.table == tallies().table {
			continue
		}
		if err := inBatches(ctx, s, func(t *Tx, after any) (any, error) { return t.sealSome(ctx, kind, after) }); err != nil {
			return err
		}
	}
	if err := inBatches(ctx, s, func(t *Tx, after any) (any, error) { return t.recordSome(ctx, after, now) }); err != nil {
		return err
	}
	return s.Update(ctx, func(t *Tx) error { return t.sealLast(ctx, noted.hash, now) })
}

// inBatches runs do in a transaction of its own for each batch of rows, with the key of the last one of the batch before:
// nil at first. It ends when do returns nil, and once another process has sealed everything.
func inBatches(ctx context.Context, s *Store, do func(t *Tx, after any) (last any, err error)) error {
	var after any
	for {
		if err := s.Update(ctx, func(t *Tx) error {
			sealed, err := t.seals.secret().sealedTallies(ctx, t)
			if err == nil && sealed {
				after = nil
			} else if err == nil {
				after, err = do(t, after)
			}
			return err
		}); err != nil || after == nil {
			return err
		}
	}
}

// beyond is the condition on the rows that come after one by their key; on all of them where that is nil.
func (k sealedKind) beyond(after any) (where string, args []any) {
	if after == nil {
		return "TRUE", nil
	}
	return k.key + " > $1", []any{after}
}

// sealSome seals the next rows of a kind, and returns the key of the last of them.
func (t *Tx) sealSome(ctx context.Context, kind sealedKind, after any) (last any, err error) {
	where, args := kind.beyond(after)
	rows, err := storedRows(ctx, t, kind, fmt.Sprintf(`%s ORDER BY %s LIMIT %s`, where, kind.key, list(1, len(args))),
		append(args, sealBatch)...)
	key := t.seals.secret()
	for _, row := range rows {
		last = row[kind.key]
		if key.fault(kind, row) == "" { // sealed before a start was cut short
			continue
		}
		if err := t.write(ctx, kind, last, cells{"seal": key.row(kind, row)}); err != nil {
			return nil, err
		}
	}
	return last, err
}

// recordSome records of the next active exceptions until when they exempt, and whom. It returns the last of them.
func (t *Tx) recordSome(ctx context.Context, after any, now time.Time) (last any, err error) {
	where, args := exceptions().beyond(after)
	some, err := sealedRows(ctx, t, exceptions(), scanException, sealBatch, `
		SELECT `+exceptionColumns+` FROM exception WHERE `+where+` AND state = 'active' AND NOT EXISTS (
			SELECT 1 FROM audit WHERE audit.ref = exception.ref AND audit.event = 'sealed' AND audit.until = exception.ends_at)
		ORDER BY ref`, args...)
	for _, e := range some {
		last = e.Ref
		if err := t.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: now, Event: intake.EventSealed, Text: "as it was",
			Until: e.EndsAt, User: e.User.Email}); err != nil {
			return nil, err
		}
	}
	return last, err
}

// sealLast ends it: it seals the tallies, if the rows are what was noted and all of them are sealed, unless another
// process has done so in the meantime.
func (t *Tx) sealLast(ctx context.Context, noted string, now time.Time) error {
	key := t.seals.secret()
	if sealed, err := key.sealedTallies(ctx, t); err != nil || sealed {
		return err
	}
	found, err := key.contentOf(ctx, t)
	switch {
	case err != nil:
		return err
	case found.hash != noted || found.unfit > 0:
		return ErrRowsChanged
	case found.rows > 0:
		err = t.Record(ctx, intake.HistoryEntry{At: now, Event: intake.EventSealed,
			Text: fmt.Sprintf("%d rows as they were, which had no seal before", found.rows)})
	}
	if err == nil {
		_, err = t.sealSome(ctx, tallies(), nil)
	}
	return err
}
