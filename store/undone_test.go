package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
	"mfabot/store"
)

// fullDisk is SQLite on a disk that is full when a letter is stored: as SQLite may
// (lang_transaction.html, section 4), it undoes the whole transaction then.
type fullDisk struct{ full bool }

func (d *fullDisk) Open(dsn string) (driver.Conn, error) {
	c, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &fullConn{c.(*sqlite3.SQLiteConn), d}, nil
}

type fullConn struct {
	*sqlite3.SQLiteConn
	disk *fullDisk
}

func (c *fullConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.disk.full && strings.Contains(query, "INSERT INTO outbound") {
		if _, err := c.SQLiteConn.ExecContext(ctx, "ROLLBACK", nil); err != nil {
			return nil, err
		}
		return nil, sqlite3.Error{Code: sqlite3.ErrFull}
	}
	return c.SQLiteConn.QueryContext(ctx, query, args)
}

// TestUndoneTransaction: of a transaction that SQLite has undone nothing is left,
// whatever the caller does after the statement that failed.
func TestUndoneTransaction(t *testing.T) {
	disk := &fullDisk{}
	s, err := store.OpenWith(t.Context(), filepath.Join(t.TempDir(), "mfabot.db"), disk)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	for name, heeds := range map[string]bool{"an error that is heeded": true, "an error that is not": false} {
		t.Run(name, func(t *testing.T) {
			disk.full = true
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				first := tx.Record(t.Context(), intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "before"})
				full := tx.AddOutbound(t.Context(), letter("one@helpdesk.test"))
				after := tx.Record(t.Context(), intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "after"})
				inside := tx.Savepoint(t.Context(), func() error { return nil })
				_, read := tx.Request(t.Context(), "LT-2026-00001")
				for _, err := range []error{full, after, inside, read} {
					var failed sqlite3.Error
					if !errors.As(err, &failed) || failed.Code != sqlite3.ErrFull {
						t.Errorf("%v, want the error of the disk", err)
					}
				}
				if heeds {
					return errors.Join(first, full, after)
				}
				return nil
			})
			if err == nil {
				t.Error("Update returned no error")
			}
			disk.full = false
			same(t, "history", []intake.HistoryEntry(nil), must(s.History(t.Context(), "LT-2026-00001"))(t))
			same(t, "outbound", []intake.Outbound(nil), must(s.Outbound(t.Context()))(t))
		})
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddOutbound(ctx, letter("one@helpdesk.test"))) })
	if n := len(must(s.Outbound(t.Context()))(t)); n != 1 {
		t.Errorf("%d letters after the disk has room again, want 1", n)
	}
}
