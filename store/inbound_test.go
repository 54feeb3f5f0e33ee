package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

func testLedger(t *testing.T, open opener) {
	s := open(t)
	m := message(1, "one")
	m.HeaderOnly, m.Size = true, 1<<40
	m.Subject = "Größe ✓ \x00 und mehr"
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, addInbound(ctx, tx, m))
		if m.ID == 0 {
			t.Error("no number was given")
		}
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: "too-large",
			Ref: "LT-2026-00001", Folder: intake.RefusedBox}, m.Checks))
	})
	want := *m
	want.Raw = nil
	want.Subject = "Größe ✓ \uFFFD und mehr" // no engine stores NUL
	want.Conclusion = intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: "too-large", Ref: "LT-2026-00001",
		Folder: intake.RefusedBox}
	same(t, "ledger", []intake.Inbound{want}, must(s.Inbound(t.Context()))(t))

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		again := intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}
		wantStale(t, "a second outcome", tx.Conclude(ctx, m.ID, again, nil))
		wantStale(t, "an outcome of no message", tx.Conclude(ctx, m.ID+100, again, nil))
	})
	same(t, "ledger", []intake.Inbound{want}, must(s.Inbound(t.Context()))(t))

	for _, c := range []struct {
		name string
		copy intake.Copy
		new  bool
	}{
		{"the same copy", m.Copy, false},
		{"another UID", intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 2}, true},
		{"another UIDVALIDITY", intake.Copy{Mailbox: "helpdesk", UIDValidity: 8, UID: 1}, true},
		{"another mailbox", intake.Copy{Mailbox: "corner", UIDValidity: 7, UID: 1}, true},
		{"the largest numbers", intake.Copy{Mailbox: "helpdesk", UIDValidity: 1<<32 - 1, UID: 1<<32 - 1}, true},
	} {
		other := message(1, c.name)
		other.Copy = c.copy
		err := s.Update(t.Context(), func(tx *store.Tx) error { return addInbound(t.Context(), tx, other) })
		if (err == nil) != c.new {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	ledger := must(s.Inbound(t.Context()))(t)
	same(t, "messages", 5, len(ledger))
	same(t, "the largest numbers", intake.Copy{Mailbox: "helpdesk", UIDValidity: 1<<32 - 1, UID: 1<<32 - 1}, ledger[4].Copy)
}

// testSameContent: only a message that had an effect, or was refused in the same
// mailbox, stands for its copies.
func testSameContent(t *testing.T, open opener) {
	s := open(t)
	add := func(uid uint32, mailbox string, o intake.Outcome) *intake.Inbound {
		m := message(uid, "one")
		m.Mailbox = mailbox
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, addInbound(ctx, tx, m))
			if o != "" {
				ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: o, Ref: string(o), Folder: intake.Processed}, nil))
			}
		})
		return m
	}
	found := func(what string, want *intake.Inbound) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			got, err := tx.SameContent(ctx, "digest of one", "", "helpdesk")
			if want == nil {
				wantNotFound(t, what, err)
				return
			}
			ok(t, err)
			same(t, what, want.ID, got.ID)
		})
	}
	found("no message", nil)
	add(1, "helpdesk", "")
	found("one in hand", nil)
	add(2, "helpdesk", intake.OutcomeQuarantined)
	add(3, "helpdesk", intake.OutcomeIgnored)
	found("ones that were set aside and ignored", nil)
	add(4, "corner", intake.OutcomeRefused)
	found("one that was refused elsewhere", nil)
	refused := add(5, "helpdesk", intake.OutcomeRefused)
	found("one that was refused here", refused)
	effect := add(6, "corner", intake.OutcomeRequest)
	found("one that had an effect", effect)
	add(7, "corner", intake.OutcomeRequest)
	found("the earliest", effect)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, o := range []intake.Outcome{intake.OutcomeRequest, intake.OutcomeDecision, intake.OutcomeInformation,
			intake.OutcomeRenewal, intake.OutcomeWithdrawal, intake.OutcomeShortTerm} {
			m := message(uint32(i+10), string(o))
			m.Mailbox = "corner"
			ok(t, addInbound(ctx, tx, m))
			want := intake.Conclusion{Outcome: o, Ref: string(o), Folder: intake.Processed}
			ok(t, tx.Conclude(ctx, m.ID, want, nil))
			same(t, "its conclusion", want, must(tx.SameContent(ctx, m.Digest, "", "helpdesk"))(t).Conclusion)
		}
	})
}

// testReopen: only what was quarantined can be concluded again.
func testReopen(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "one")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		wantStale(t, "without an outcome", tx.Reopen(ctx, m.ID))
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeQuarantined, Folder: intake.Quarantine}, nil))
		ok(t, tx.Reopen(ctx, m.ID))
		wantStale(t, "twice", tx.Reopen(ctx, m.ID))
		other := *m
		other.Digest, other.MessageID, other.From, other.Subject, other.Size = "d", "other@x", "kim@x.test", "Other", 7
		ok(t, tx.Rewrite(ctx, &other))
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}, nil))
		wantStale(t, "what became a request", tx.Reopen(ctx, m.ID))
		wantStale(t, "another in its place", tx.Rewrite(ctx, m))
	})
	got := must(s.Message(t.Context(), m.ID))(t)
	same(t, "rewritten", []string{"d", "other@x", "kim@x.test", "Other", "7"},
		[]string{got.Digest, got.MessageID, got.From, got.Subject, fmt.Sprint(got.Size)})
	same(t, "one that never left the mailbox goes where it belongs", intake.Processed, got.Folder)

	m = addMessage(t, s, 2, "two")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeQuarantined, Folder: intake.Quarantine}, nil))
	})
	ok(t, s.Filed(t.Context(), []intake.Filing{{Copy: m.Copy, Folder: intake.Quarantine}}, noon))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Reopen(ctx, m.ID))
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}, nil))
	})
	same(t, "one that was filed stays where it is", intake.Quarantine, must(s.Message(t.Context(), m.ID))(t).Folder)
}

// testConfirm: a message is found by the code that confirms it while it waits for that, and stands for the copies
// that have other fields.
func testConfirm(t *testing.T, open opener) {
	s := open(t)
	m := message(1, "one")
	m.Core = "core"
	ask := func(ctx context.Context, tx *store.Tx, c intake.Conclusion) { ok(t, tx.Conclude(ctx, m.ID, c, nil)) }
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, addInbound(ctx, tx, m))
		ok(t, tx.AskToConfirm(ctx, m.ID, "hash"))
		_, err := tx.Unconfirmed(ctx, "hash")
		wantNotFound(t, "in hand", err)
		ask(ctx, tx, intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: intake.WhyUnconfirmed, Folder: intake.Quarantine})
		same(t, "that waits", m.ID, must(tx.Unconfirmed(ctx, "hash"))(t).ID)
		_, err = tx.Unconfirmed(ctx, "")
		wantNotFound(t, "without a code", err)
		same(t, "a copy", m.ID, must(tx.SameContent(ctx, "another", "core", "helpdesk"))(t).ID)
		_, err = tx.SameContent(ctx, "another", "", "helpdesk")
		wantNotFound(t, "a copy without a core", err)
	})
	same(t, "confirmed", 0, len(must(s.Confirmed(t.Context(), 9))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Reopen(ctx, m.ID))
		ask(ctx, tx, intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: intake.WhyConfirmed, Folder: intake.Quarantine})
		_, err := tx.Unconfirmed(ctx, "hash")
		wantNotFound(t, "once confirmed", err)
	})
	same(t, "confirmed", []int64{m.ID}, must(s.Confirmed(t.Context(), 9))(t))
}

// testMessagesByID: senders choose Message-IDs, so that several messages may have one.
func testMessagesByID(t *testing.T, open opener) {
	s := open(t)
	one := addMessage(t, s, 1, "one")
	addMessage(t, s, 2, "two")
	again := addMessage(t, s, 3, "one")
	var got []int64
	for _, m := range must(s.MessagesByID(t.Context(), one.MessageID))(t) {
		got = append(got, m.ID)
	}
	same(t, "messages, oldest first", []int64{one.ID, again.ID}, got)
	same(t, "its bytes", "one", string(must(s.Message(t.Context(), one.ID))(t).Raw))
	_, err := s.Message(t.Context(), 999)
	wantNotFound(t, "no message", err)
}

func testRaw(t *testing.T, open opener) {
	s := open(t)
	noise := make([]byte, 5<<20) // incompressible
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{nil, {}, []byte("From: x\r\n\r\ny"), noise, make([]byte, 5<<20)} {
		m := message(uint32(i+1), "")
		m.Raw = content
		do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
		got := raw(t, s, m.ID)
		if string(got) != string(content) {
			t.Errorf("message %d came back with %d bytes, want its %d", i, len(got), len(content))
		}
	}
	_, err := s.Raw(t.Context(), 999)
	wantNotFound(t, "no message", err)
}

func testFiling(t *testing.T, open opener) {
	s := open(t)
	unknown := func(mailbox string, validity uint32, uids ...uint32) []uint32 {
		t.Helper()
		return must(s.Unknown(t.Context(), mailbox, validity, uids))(t)
	}
	unfiled := func(mailbox string, validity uint32, limit int) []intake.Filing {
		t.Helper()
		return must(s.Unfiled(t.Context(), mailbox, validity, 0, limit))(t)
	}
	same(t, "none given", []uint32(nil), unknown("helpdesk", 7))
	same(t, "none known", []uint32{2, 9}, unknown("helpdesk", 7, 9, 2))
	same(t, "none to file", []intake.Filing(nil), unfiled("helpdesk", 7, 10))

	var want []intake.Filing
	for _, uid := range []uint32{5, 3, 4} {
		m := addMessage(t, s, uid, "content")
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}, nil))
		})
	}
	for _, uid := range []uint32{3, 4, 5} {
		want = append(want, intake.Filing{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: uid}, Folder: intake.Processed})
	}
	same(t, "some known", []uint32{2, 6}, unknown("helpdesk", 7, 6, 5, 4, 3, 2))
	same(t, "all known", []uint32(nil), unknown("helpdesk", 7, 3, 5))
	same(t, "another UIDVALIDITY", []uint32{3, 4}, unknown("helpdesk", 8, 3, 4))
	same(t, "another mailbox", []uint32{3}, unknown("corner", 7, 3))

	same(t, "to file, ascending", want, unfiled("helpdesk", 7, 10))
	same(t, "to file, at most two", want[:2], unfiled("helpdesk", 7, 2))
	same(t, "to file in another UIDVALIDITY", []intake.Filing(nil), unfiled("helpdesk", 8, 10))
	same(t, "to file in another mailbox", []intake.Filing(nil), unfiled("corner", 7, 10))

	same(t, "to file, above a UID", want[1:], must(s.Unfiled(t.Context(), "helpdesk", 7, 3, 10))(t))

	elsewhere := intake.Filing{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 8, UID: 5}, Folder: intake.Processed}
	for range 2 { // a second time changes nothing
		ok(t, s.Filed(t.Context(), []intake.Filing{want[0], want[1], elsewhere}, noon))
		same(t, "left to file", want[2:], unfiled("helpdesk", 7, 10))
	}
	ok(t, s.Filed(t.Context(), nil, noon))
	same(t, "filed ones stay known", []uint32(nil), unknown("helpdesk", 7, 3, 4, 5))
}

func testAttempts(t *testing.T, open opener) {
	s := open(t)
	ctx := t.Context()
	a, b := intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 1}, intake.Copy{Mailbox: "helpdesk", UIDValidity: 8, UID: 1}
	same(t, "at first", []int{0, 0}, must(s.Begun(ctx, []intake.Copy{a, b}))(t))
	ok(t, s.Begin(ctx, []intake.Copy{a, b}))
	ok(t, s.Begin(ctx, []intake.Copy{b}))
	same(t, "begun", []int{1, 2, 0}, must(s.Begun(ctx, []intake.Copy{a, b, {Mailbox: "other", UIDValidity: 7, UID: 1}}))(t))
	ok(t, s.Forgive(ctx, []intake.Copy{a}))
	ok(t, s.Forgive(ctx, []intake.Copy{b}))
	same(t, "ended", []int{0, 0}, must(s.Begun(ctx, []intake.Copy{a, b}))(t))
}

// testReturned: what left a mailbox is found by its number, and gives it up to another message.
func testReturned(t *testing.T, open opener) {
	s := open(t)
	returned := func() []uint32 {
		t.Helper()
		return must(s.Returned(t.Context(), "helpdesk", 7, []uint32{1, 2, 3}))(t)
	}
	same(t, "of none", 0, len(must(s.Returned(t.Context(), "helpdesk", 7, nil))(t)))
	m, unfiled := addMessage(t, s, 1, "content"), addMessage(t, s, 2, "other")
	same(t, "before it is filed", 0, len(returned()))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		_, _, err := tx.Earlier(ctx, m.Copy, [2]string{m.Digest, ""}, "")
		wantNotFound(t, "earlier, before it is filed", err)
		wantStale(t, "unnumbered, before it is filed", tx.Unnumber(ctx, unfiled.ID))
	})
	ok(t, s.Filed(t.Context(), []intake.Filing{{Copy: m.Copy}}, noon))
	same(t, "once it is filed", []uint32{1}, returned())
	same(t, "elsewhere", 0, len(must(s.Returned(t.Context(), "helpdesk", 8, []uint32{1}))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, c := range []struct {
			digests [2]string
			core    string
			same    bool
		}{{[2]string{m.Digest, "x"}, "", true}, {[2]string{"x", m.Digest}, "", true}, {[2]string{"x", "y"}, "", false}, {[2]string{"x", "y"}, "z", false}} {
			earlier, isSame, err := tx.Earlier(ctx, m.Copy, c.digests, c.core)
			ok(t, err)
			same(t, "earlier", m.ID, earlier.ID)
			same(t, "the same", c.same, isSame)
		}
		ok(t, tx.Unnumber(ctx, m.ID))
		again := message(1, "new")
		ok(t, addInbound(ctx, tx, again))
	})
	same(t, "of the new one", 0, len(returned()))
	same(t, "number of the old one", uint32(0), must(s.Message(t.Context(), m.ID))(t).UID)
}

func testStuck(t *testing.T, open opener) {
	s := open(t)
	at := func(uid uint32) intake.Copy { return intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: uid} }
	one := intake.Stuck{Copy: at(1), Step: intake.StuckReading, Size: 12, Cause: "BAD", Tries: 1, Since: noon, NextAt: noon.Add(day)}
	two := intake.Stuck{Copy: at(2), Step: intake.StuckFiling, Cause: "NO", Tries: 1, Since: noon, NextAt: noon, Passing: true}
	elsewhere := one
	elsewhere.Mailbox = "corner"
	untold := func(want ...intake.Stuck) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) { same(t, "untold", want, must(tx.Untold(ctx, "helpdesk"))(t)) })
	}
	add := func(all ...intake.Stuck) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			for _, m := range all {
				ok(t, tx.AddStuck(ctx, m))
			}
		})
	}
	add(two, one, elsewhere)
	same(t, "stuck", []intake.Stuck{one, two}, must(s.Stuck(t.Context(), "helpdesk"))(t))
	untold(one)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.ToldOfStuck(ctx, "helpdesk", noon)) })
	untold()
	one.Tries, two.Passing = 2, false
	add(one, two)
	same(t, "tried again", []intake.Stuck{one, two}, must(s.Stuck(t.Context(), "helpdesk"))(t))
	untold(two)
	one.Step = intake.StuckFiling
	add(one)
	untold(one, two)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Unstick(ctx, one.Copy)) })
	same(t, "over", []intake.Stuck{two}, must(s.Stuck(t.Context(), "helpdesk"))(t))
	same(t, "elsewhere", []intake.Stuck{elsewhere}, must(s.Stuck(t.Context(), "corner"))(t))
}
