package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

func nextRef(ctx context.Context, t *testing.T, tx *store.Tx) string {
	t.Helper()
	return must(tx.NextRef(ctx, "LT", 2026))(t)
}

// testTransactions: what fails leaves nothing, and the store goes on.
func testTransactions(t *testing.T, open opener) {
	s := open(t)
	failure := errors.New("no")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		ok(t, addInbound(t.Context(), tx, message(1, "lost")))
		nextRef(t.Context(), t, tx)
		ok(t, tx.Record(t.Context(), intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "complete"}))
		ok(t, tx.AddOutbound(t.Context(), letter("lost@helpdesk.test")))
		return failure
	})
	if !errors.Is(err, failure) || errors.Is(err, intake.ErrDatabase) {
		t.Errorf("Update returned %v, want the error of its function", err)
	}

	func() {
		defer func() {
			if recover() == nil {
				t.Error("Update swallowed a panic")
			}
		}()
		_ = s.Update(t.Context(), func(tx *store.Tx) error {
			nextRef(t.Context(), t, tx)
			panic("in a transaction")
		})
	}()

	cancelled, cancel := context.WithCancel(t.Context())
	err = s.Update(cancelled, func(tx *store.Tx) error {
		nextRef(cancelled, t, tx)
		cancel()
		return nil
	})
	if err == nil {
		t.Error("Update committed after its context ended")
	}

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "reference after failures", "LT-2026-00001", nextRef(ctx, t, tx))
		same(t, "history", []intake.HistoryEntry(nil), must(tx.History(ctx, "LT-2026-00001"))(t))
	})
	same(t, "ledger", []intake.Inbound(nil), must(s.Inbound(t.Context()))(t))
	same(t, "outbound", []intake.Outbound(nil), must(s.Outbound(t.Context()))(t))
}

// testSavepoints: a savepoint that fails undoes its own and nothing before it,
// any number of times.
func testSavepoints(t *testing.T, open opener) {
	s := open(t)
	failure := errors.New("no")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		record := func(text string) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "information", Text: text}))
		}
		record("before")
		for range 3 {
			err := tx.Savepoint(ctx, func() error {
				record("undone")
				return failure
			})
			if !errors.Is(err, failure) {
				t.Errorf("Savepoint returned %v, want the error of its function", err)
			}
			record("between")
			ok(t, tx.Savepoint(ctx, func() error {
				record("kept")
				return nil
			}))
		}
		err := tx.Savepoint(ctx, func() error { // a statement that fails
			ok(t, addInbound(ctx, tx, message(1, "once")))
			return addInbound(ctx, tx, message(1, "twice"))
		})
		if err == nil {
			t.Error("one UID was stored twice")
		}
		record("after")
	})
	var texts []string
	for _, e := range must(s.History(t.Context(), "LT-2026-00001"))(t) {
		texts = append(texts, e.Text)
	}
	same(t, "history", []string{"before", "between", "kept", "between", "kept", "between", "kept", "after"}, texts)
	same(t, "ledger", []intake.Inbound(nil), must(s.Inbound(t.Context()))(t))
}

// testBrokenConstraint: a statement that breaks a constraint ends the transaction, whether or not its error is
// heeded, but for the savepoint around it.
func testBrokenConstraint(t *testing.T, open opener) {
	s := open(t)
	addMessage(t, s, 1, "once")
	var broken error
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		nextRef(t.Context(), t, tx)
		broken = addInbound(t.Context(), tx, message(1, "twice"))
		_, read := tx.Request(t.Context(), "LT-2026-00001")
		for what, err := range map[string]error{"a reading": read, "a change": addInbound(t.Context(), tx, message(2, "after")),
			"a savepoint": tx.Savepoint(t.Context(), func() error { return nil })} {
			if broken == nil || !errors.Is(err, broken) {
				t.Errorf("%s after it: %v, want %v", what, err, broken)
			}
		}
		return nil
	})
	if broken == nil || !errors.Is(err, broken) || !errors.Is(err, intake.ErrDatabase) {
		t.Errorf("Update returned %v, want %v", err, broken)
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "reference after that", "LT-2026-00001", nextRef(ctx, t, tx))
		err := tx.Savepoint(ctx, func() error {
			nextRef(ctx, t, tx)
			_ = addInbound(ctx, tx, message(1, "twice"))
			return nil
		})
		if !errors.Is(err, intake.ErrUnstorable) || !strings.Contains(err.Error(), broken.Error()) {
			t.Errorf("Savepoint returned %v, want %v", err, broken)
		}
		err = tx.Savepoint(ctx, func() error { // in another, which goes on
			_ = tx.Savepoint(ctx, func() error { return addInbound(ctx, tx, message(1, "twice")) })
			return tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "complete"})
		})
		ok(t, err)
		same(t, "reference after the savepoint", "LT-2026-00002", nextRef(ctx, t, tx))
	})
	same(t, "messages", 1, len(must(s.Inbound(t.Context()))(t)))
}

// testConcurrency: updates are one after the other, through one handle and
// through two, and each handle sees what the other wrote.
func testConcurrency(t *testing.T, open opener) {
	one, two := open(t), open(t)
	const each = 25
	var wg sync.WaitGroup
	seen := make(chan string, 4*each)
	for _, s := range []*store.Store{one, one, two, two} {
		wg.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					before, err := tx.History(t.Context(), "LT-2026-00001")
					if err != nil {
						return err
					}
					ref, err := tx.NextRef(t.Context(), "LT", 2026)
					if err != nil {
						return err
					}
					if err := tx.Record(t.Context(), intake.HistoryEntry{Ref: "LT-2026-00001", At: noon,
						Event: intake.Event(ref)}); err != nil {
						return err
					}
					after, err := tx.History(t.Context(), "LT-2026-00001")
					if len(after) != len(before)+1 {
						t.Errorf("another update came between: %d entries, then %d", len(before), len(after))
					}
					seen <- ref
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(seen)
	refs := make(map[string]bool)
	for ref := range seen {
		refs[ref] = true
	}
	same(t, "references", 4*each, len(refs))
	for _, s := range []interface {
		History(context.Context, string) ([]intake.HistoryEntry, error)
	}{one, two} {
		same(t, "entries", 4*each, len(must(s.History(t.Context(), "LT-2026-00001"))(t)))
	}
}

func testInstance(t *testing.T, open opener) {
	first := open(t)
	if len(first.Instance()) < 8 {
		t.Errorf("instance %q is too short to be unique", first.Instance())
	}
	same(t, "instance of another handle", first.Instance(), open(t).Instance())
	ok(t, first.Close())
	same(t, "instance after reopening", first.Instance(), open(t).Instance())
}
