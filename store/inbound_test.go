package store_test

import (
	"context"
	"crypto/rand"
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
		ok(t, tx.Conclude(ctx, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}, nil))
		wantStale(t, "what became a request", tx.Reopen(ctx, m.ID))
	})
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
		return must(s.Unfiled(t.Context(), mailbox, validity, limit))(t)
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
