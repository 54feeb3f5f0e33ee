package store_test

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
	"mfabot/store"
)

// unsealed is the file of a database from before there were seals, with its key.
type unsealed struct {
	t    *testing.T
	file string
	key  store.SealKey
	raw  *sql.DB
}

// newUnsealed returns one with a row of each kind, and many letters.
func newUnsealed(t *testing.T, letters int) *unsealed {
	t.Helper()
	u := &unsealed{t: t, file: filepath.Join(t.TempDir(), "mfabot.db"), key: secret}
	s := inFile(u.file)(t)
	ok(t, s.Seal(t.Context(), secret))
	fillSealed(t, s)
	u.raw = closingDB(t, must(sql.Open("sqlite3", u.file))(t))
	u.write(`INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state, attempts,
			created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 'many-' || i, ref, template, why, recipient, answers_to, thread, json_set(facts, '$.Note',
			hex(zeroblob(100))), attach, answer,
			'sent', attempts, created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at
		FROM outbound, n`, letters)
	u.write(`UPDATE tally SET n = (SELECT COUNT(*) FROM outbound) WHERE name = 'outbound'`)
	u.write(`PRAGMA wal_checkpoint(TRUNCATE)`)
	ok(t, s.Close())
	return u
}

func (u *unsealed) write(statement string, args ...any) {
	u.t.Helper()
	_, err := u.raw.ExecContext(u.t.Context(), statement, args...)
	ok(u.t, err)
}

// start seals what there is, as a start does on connections that begin with a statement.
func (u *unsealed) start(first string) error {
	u.t.Helper()
	s, err := store.OpenWith(u.t.Context(), u.file, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(first, nil)
		return err
	}})
	ok(u.t, err)
	err = cmp.Or(s.Seal(u.t.Context(), u.key), s.SealRows(u.t.Context(), u.key, noon, func(content string) error {
		if u.key.Rows {
			u.t.Error("noted for a second time")
		}
		u.key.Used, u.key.Rows, u.key.Begun = true, true, content
		return nil
	}))
	return errors.Join(err, s.Close())
}

// full has the disk be full soon.
func (u *unsealed) full() (first string) {
	u.t.Helper()
	var pages int
	ok(u.t, u.raw.QueryRowContext(u.t.Context(), `PRAGMA page_count`).Scan(&pages))
	return fmt.Sprintf("PRAGMA max_page_count = %d", pages+40)
}

// bare counts the letters without a seal.
func (u *unsealed) bare() (n int) {
	u.t.Helper()
	ok(u.t, u.raw.QueryRowContext(u.t.Context(), `SELECT COUNT(*) FROM outbound WHERE seal = ''`).Scan(&n))
	return n
}

// isSealed checks that everything is sealed, and nothing else.
func (u *unsealed) isSealed() {
	u.t.Helper()
	s := inFile(u.file)(u.t)
	same(u.t, "sealed", true, must(s.FollowSeals(u.t.Context(), u.key))(u.t))
	found := must(s.CheckAudit(u.t.Context(), u.key, ""))(u.t)
	same(u.t, "whole", []string(nil), append(lines(found.Rows), faults(found)...))
	same(u.t, "exempt", 1, len(must(s.ActiveExceptions(u.t.Context(), noon))(u.t)))
	var sealed int
	for _, h := range must(s.History(u.t.Context(), "LT-2026-00001"))(u.t) {
		if h.Event == intake.EventSealed {
			sealed++
		}
	}
	same(u.t, "entries that say until when", 1, sealed)
	ok(u.t, s.Close())
}

func faults(found *store.Audited) (out []string) {
	for _, f := range found.Faults {
		out = append(out, fmt.Sprint(f))
	}
	return out
}

// TestSealInBatches: however many rows are sealed, the log of the database stays small.
func TestSealInBatches(t *testing.T) {
	t.Parallel()
	u := newUnsealed(t, 25000)
	ok(t, u.start("SELECT 1"))
	log, all := must(os.Stat(u.file+"-wal"))(t).Size(), must(os.Stat(u.file))(t).Size() // raw's connection keeps both
	if log > 8<<20 || all < 16<<20 {
		t.Errorf("the log has grown to %d MB for a database of %d MB", log>>20, all>>20)
	}
	u.isSealed()
}

// TestSealGoesOn: a full disk stops the sealing, and the next start goes on where it was.
func TestSealGoesOn(t *testing.T) {
	t.Parallel()
	u := newUnsealed(t, 3000)
	before := u.bare()
	if trouble := store.TroubleOf(u.start(u.full())); trouble == nil || !trouble.Passes {
		t.Fatalf("the first start ends with %v", trouble)
	}
	half := u.bare()
	if half == 0 || half == before {
		t.Fatalf("%d of %d letters have no seal", half, before)
	}
	s := inFile(u.file)(t)
	same(t, "sealed to the end", false, must(s.FollowSeals(t.Context(), u.key))(t))
	same(t, "faults", []string(nil), lines(must(s.CheckAudit(t.Context(), u.key, ""))(t).Rows))
	ok(t, s.Close())
	ok(t, u.start("SELECT 1"))
	u.isSealed()
}

// TestSealHalfWay: what somebody writes before everything is sealed is not sealed, nor is anything after that.
func TestSealHalfWay(t *testing.T) {
	t.Parallel()
	const mine = `INSERT INTO exception SELECT 'LT-2026-00666', category, state, 'admin@corner.test', subject_name, site_code, site_address,
		reason, note, granted_by, starts_at, ends_at + 315360000, next_notice_at, closed_at, purged_at, directory_id,
			superseded_by, '' FROM exception`
	for what, c := range map[string]struct{ do, undo string }{
		"an exception more": {mine, `DELETE FROM exception WHERE ref = 'LT-2026-00666'`},
		"an exception that was changed": {`UPDATE exception SET ends_at = ends_at + 1, seal = ''`,
			`UPDATE exception SET ends_at = ends_at - 1`},
		"a letter that was turned": {`UPDATE outbound SET recipient = 'mallory@evil.test' WHERE id = (SELECT MAX(id) FROM outbound)`,
			`UPDATE outbound SET recipient = 'pharmacy@corner.test' WHERE id = (SELECT MAX(id) FROM outbound)`},
		"a letter in front": {`UPDATE outbound SET id = -5 WHERE id = (SELECT MAX(id) FROM outbound)`,
			`UPDATE outbound SET id = (SELECT MAX(id) + 1 FROM outbound) WHERE id = -5`},
		"a tally": {`UPDATE tally SET n = n + 1`, `UPDATE tally SET n = n - 1`},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			u := newUnsealed(t, 1500)
			if err := u.start(u.full()); err == nil {
				t.Fatal("the disk is not full")
			}
			u.write(c.do)
			for range 2 {
				if err := u.start("SELECT 1"); !errors.Is(err, store.ErrRowsBare) {
					t.Errorf("the next start ends with %v", err)
				}
			}
			u.write(c.undo)
			ok(t, u.start("SELECT 1"))
			u.isSealed()
			u.write(c.do)
			u.write(`UPDATE exception SET seal = ''`)
			u.write(`UPDATE tally SET seal = ''`)
			if err := u.start("SELECT 1"); !errors.Is(err, store.ErrRowsBare) {
				t.Errorf("without the tallies' seals a start ends with %v", err)
			}
		})
	}
}

// TestSealMeanwhile: what somebody writes while everything is sealed keeps it from ending, so that nothing is acted on.
func TestSealMeanwhile(t *testing.T) {
	t.Parallel()
	u := newUnsealed(t, 10)
	s := inFile(u.file)(t)
	ok(t, s.Seal(t.Context(), u.key))
	err := s.SealRows(t.Context(), u.key, noon, func(content string) error {
		u.key.Used, u.key.Rows, u.key.Begun = true, true, content
		u.write(`UPDATE exception SET ends_at = ends_at + 315360000`)
		return nil
	})
	if !errors.Is(err, store.ErrRowsChanged) {
		t.Errorf("the sealing ends with %v", err)
	}
	if _, err := s.FollowSeals(t.Context(), u.key); !errors.Is(err, store.ErrRowsBare) {
		t.Errorf("afterwards: %v", err)
	}
	other := store.SealKey{Secret: []byte("quite another secret of 32 bytes")}
	if err := s.SealRows(t.Context(), other, noon, unmarked); !errors.Is(err, store.ErrOtherKey) {
		t.Errorf("with another key: %v", err)
	}
}
