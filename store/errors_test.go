package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
	"mfabot/store"
)

// add is an update that needs room.
func add(ctx context.Context, s *store.Store, uid uint32) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		m := message(uid, fmt.Sprint("message ", uid))
		m.Raw = make([]byte, 100_000)
		if _, err := rand.NewChaCha8([32]byte{byte(uid)}).Read(m.Raw); err != nil {
			return err
		}
		return addInbound(ctx, tx, m)
	})
}

func wantTrouble(t *testing.T, err error, code sqlite3.ErrNo, passes bool) {
	t.Helper()
	trouble := store.TroubleOf(err)
	if errors.Is(err, intake.ErrUnstorable) {
		t.Errorf("%v: it is not for what was stored", err)
	}
	if trouble == nil || trouble.Passes != passes || trouble.Hint == "" {
		t.Fatalf("%v: %+v, want one that passes: %v", err, trouble, passes)
	}
	var e sqlite3.Error
	if !errors.As(trouble, &e) || e.Code != code {
		t.Errorf("%v: code %d, want %d", err, e.Code, code)
	}
}

// TestFull: a full database takes nothing, and all when there is room again.
func TestFull(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)(t)
	write, _ := s.Pools()
	must(write.Exec(`CREATE TABLE ballast AS SELECT zeroblob(1000000) AS b`))(t)
	must(write.Exec(`PRAGMA max_page_count = 1`))(t) // no more than there are
	for range 2 {
		wantTrouble(t, add(t.Context(), s, 1), sqlite3.ErrFull, true)
		same(t, "ledger", 0, len(must(s.Inbound(t.Context()))(t)))
	}
	must(write.Exec(`DROP TABLE ballast`))(t)
	ok(t, add(t.Context(), s, 1))
	same(t, "ledger", 1, len(must(s.Inbound(t.Context()))(t)))
}

// TestPassingTrouble: what is locked, and what cannot be written.
func TestPassingTrouble(t *testing.T) {
	t.Parallel()
	open := newSQLite(t)
	s, other := open(t), open(t)
	write, _ := s.Pools()
	must(write.Exec(`PRAGMA query_only = on`))(t)
	wantTrouble(t, add(t.Context(), s, 1), sqlite3.ErrReadonly, true)
	must(write.Exec(`PRAGMA query_only = off`))(t)

	must(write.Exec(`PRAGMA busy_timeout = 1`))(t)
	do(t, other, func(context.Context, *store.Tx) {
		wantTrouble(t, add(t.Context(), s, 1), sqlite3.ErrBusy, true)
	})
	ok(t, add(t.Context(), s, 1))

	_, err := store.Open(t.Context(), t.TempDir())
	wantTrouble(t, err, sqlite3.ErrCantOpen, true)
	room := store.TroubleOf(sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC})
	same(t, "hint", store.TroubleOf(sqlite3.Error{Code: sqlite3.ErrFull}).Hint, room.Hint)
	wantTrouble(t, fmt.Errorf("filed: %w", sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrFsync}),
		sqlite3.ErrIoErr, true)
}

// TestNoTrouble: what is the fault of what was asked.
func TestNoTrouble(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)(t)
	ok(t, add(t.Context(), s, 1))
	for _, err := range []error{nil, context.Canceled, intake.ErrNotFound, add(t.Context(), s, 1)} {
		if trouble := store.TroubleOf(err); trouble != nil {
			t.Errorf("%v: %+v", err, trouble)
		}
	}
}

// TestDamaged: what is damaged while it is in use does not pass.
func TestDamaged(t *testing.T) {
	t.Parallel()
	file := filled(t)
	info := must(os.Stat(file))(t)
	s := must(store.Open(t.Context(), file))(t)
	damage(t, file, 8192, info.Size()-8192)
	_, err := s.Inbound(t.Context())
	wantTrouble(t, err, sqlite3.ErrCorrupt, false)
	wantTrouble(t, add(t.Context(), s, 100), sqlite3.ErrCorrupt, false)
	_ = s.Close()

	damage(t, file, 0, 4096)
	_, err = store.Open(t.Context(), file)
	wantTrouble(t, err, sqlite3.ErrNotADB, false)
}
