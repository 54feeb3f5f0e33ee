package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/store"
)

// counter is SQLite, and counts the rows that are read, and those of which a column is looked at by seen().
type counter struct{ rows, seen atomic.Int64 }

// Open opens a connection that counts.
func (c *counter) Open(dsn string) (driver.Conn, error) {
	conn, err := (&sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		return conn.RegisterFunc("seen", func(v string) string {
			c.seen.Add(1)
			return v
		}, false)
	}}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &countedConn{conn.(*sqlite3.SQLiteConn), c}, nil
}

type countedConn struct {
	*sqlite3.SQLiteConn
	counter *counter
}

func (c *countedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.SQLiteConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return &countedRows{rows, c.counter}, nil
}

type countedRows struct {
	driver.Rows
	counter *counter
}

func (r *countedRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil {
		r.counter.rows.Add(1)
	}
	return err
}

// TestLongQueue: a look at a long queue, and a letter of a long conversation, read as many letters as they are for. Those
// that somebody else has put in front keep none away, and are read once each.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	const genuine, forged, limit = 1500, 1000, 10
	c := new(counter)
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := closing(t, must(store.OpenWith(t.Context(), file, c))(t))
	ok(t, s.Seal(t.Context(), secret))
	ok(t, s.SealRows(t.Context(), secret, noon, unmarked))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i := range genuine {
			one, other := letter(fmt.Sprintf("queued-%d@h", i)), letter(fmt.Sprintf("said-%d@h", i))
			one.Ref = fmt.Sprintf("LT-2026-%05d", 10+i)
			other.DueAt = noon.Add(day) // not due
			ok(t, tx.AddOutbound(ctx, one))
			ok(t, tx.AddOutbound(ctx, other))
		}
	})
	raw := closingDB(t, must(sql.Open("sqlite3", file))(t))
	largest := func() (n int64) {
		t.Helper()
		ok(t, raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM outbound`).Scan(&n))
		return n
	}
	read := func(what string, most int64, want []string, do func() []string) {
		t.Helper()
		c.rows.Store(0)
		got := do()
		same(t, what, want, got)
		if n := c.rows.Load(); n > most {
			t.Errorf("%s: %d rows of %d were read, want at most %d", what, n, largest(), most)
		}
	}
	due := func() (ids []string) {
		for _, o := range must(s.Due(t.Context(), noon, limit))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	said := func() (ids []string) {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ids = must(tx.Conversation(ctx, "LT-2026-00001", "pharmacy@corner.test", limit))(t)
		})
		return ids
	}
	first, newest := []string{}, []string{"first@corner.test"}
	for i := range limit {
		first = append(first, fmt.Sprintf("queued-%d@h", i))
		newest = append(newest, fmt.Sprintf("said-%d@h", genuine-limit+i))
	}
	read("due", limit, first, due)
	read("conversation", limit+9, newest, said)
	for range forged { // in front of both, and behind the conversation
		_, err := raw.ExecContext(t.Context(), `INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts,
				attach, answer, state, attempts, created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for,
				purged_at, seal)
			SELECT 'forged-' || hex(randomblob(8)), ref, 'alert', why, recipient, answers_to, thread, facts, attach, answer,
				state, 0, created_at, due_at - 1000, 0, 0, 0, '', '', 0, 0, seal FROM outbound WHERE id <= 2`)
		ok(t, err)
	}
	if !slices.Equal(due(), first) {
		t.Errorf("due behind what is forged: %v", due())
	}
	read("due, behind what is forged", limit+forged+1000, first, due)
	read("conversation, before what is forged", limit+forged+1000, newest, said)
	_, err := raw.ExecContext(t.Context(), `DELETE FROM outbound WHERE message_id LIKE 'forged%'`)
	ok(t, err)
	for _, statement := range []string{`ALTER TABLE outbound RENAME TO kept`,
		`CREATE VIEW outbound AS SELECT id, message_id, ref, template, why,
		recipient, answers_to, thread, seen(facts) AS facts, attach, answer, state, attempts, created_at, due_at, tried_at, sent_at,
		bounced_at, last_error, bounce_status, stands_for, purged_at, seal, held_until, subject, went_to FROM kept`} {
		_, err := raw.ExecContext(t.Context(), statement)
		ok(t, err)
	}
	read("due, as SQLite reads it", limit, first, due)
	if n := c.seen.Load(); n > 3*limit {
		t.Errorf("SQLite read %d letters for the %d that are due first", n, limit)
	}
}
