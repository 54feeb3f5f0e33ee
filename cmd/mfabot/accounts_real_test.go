//go:build real

package main

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/store"
)

// accounts is what was handed in, to be compared with what came out.
type accounts struct {
	office    *post.Office
	mailboxes map[string]string // that are watched: the account of each, by its name
	everybody []string          // who may get letters

	mu     sync.Mutex
	handed map[string][][]byte // by Message-ID, each as often as it was handed in
	asked  map[string]bool     // users for whom a site asked
}

func newAccounts(office *post.Office, mailboxes map[string]string, everybody []string) *accounts {
	return &accounts{office: office, mailboxes: mailboxes, everybody: everybody,
		handed: make(map[string][][]byte), asked: make(map[string]bool)}
}

// handIn delivers a message, which must then be accounted for.
func (a *accounts) handIn(ctx context.Context, from, to string, raw []byte) error {
	if err := a.office.Send(ctx, post.Bare(from), []string{to}, raw); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	id := post.MessageID(raw)
	a.handed[id] = append(a.handed[id], raw)
	return nil
}

func (a *accounts) messages() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, copies := range a.handed {
		n += len(copies)
	}
	return n
}

// outcome is what the accounts add up to.
type outcome struct {
	messages, letters    int
	requests, exceptions int
	decisions            map[string]int // on record, by what was decided
	concluded            map[string]int // messages, by outcome and reason
	again                map[int64]int  // copies beyond the first that arrived of a letter, by its number
	attempts             map[int64]int  // at a letter
	undecided            []string       // references
}

func (o *outcome) copies() (n int) {
	for _, more := range o.again {
		n += more
	}
	return n
}

// check compares what was handed in with the record, the record with the folders, and the letters on record
// with what people received.
func (a *accounts) check(ctx context.Context, t *testing.T, b *bot.Bot) *outcome {
	t.Helper()
	o := &outcome{decisions: make(map[string]int), concluded: make(map[string]int), again: make(map[int64]int),
		attempts: make(map[int64]int)}
	db := b.Store
	ledger, err := db.Inbound(ctx)
	done(t, err)
	for i, m := range ledger {
		whole, err := db.Message(ctx, m.ID)
		done(t, err)
		ledger[i].Raw = whole.Raw
	}
	a.checkLedger(ctx, t, db, ledger, o)
	a.checkFolders(ctx, t, ledger)
	a.checkRequests(ctx, t, db, ledger, o)
	a.checkLetters(ctx, t, b, o)
	return o
}

// checkLedger requires each copy of each message on record once, with an outcome, and nothing else.
func (a *accounts) checkLedger(ctx context.Context, t *testing.T, db *store.Store, ledger []intake.Inbound, o *outcome) {
	t.Helper()
	a.mu.Lock()
	left := make(map[string][][]byte)
	for id, copies := range a.handed {
		left[id] = slices.Clone(copies)
	}
	a.mu.Unlock()
	names := make(map[intake.Copy]bool)
	for _, m := range ledger {
		id := post.MessageID(m.Raw)
		// The servers on the way add fields of their own at the top.
		i := slices.IndexFunc(left[id], func(raw []byte) bool { return bytes.HasSuffix(m.Raw, raw) })
		if i < 0 {
			t.Errorf("message %d (%s) is on record more often than it was handed in", m.ID, m.Subject)
			continue
		}
		left[id] = slices.Delete(left[id], i, i+1)
		if names[m.Copy] || m.HeaderOnly || m.Size != int64(len(m.Raw)) {
			t.Errorf("message %d: %+v is on record before (%v), or not whole", m.ID, m.Copy, names[m.Copy])
		}
		names[m.Copy] = true
		if m.Outcome == "" || m.Outcome == intake.OutcomeQuarantined {
			t.Errorf("message %d (%s) ended as %q (%s): %+v", m.ID, m.Subject, m.Outcome, m.Reason, m.Checks)
		}
		o.messages++
		o.concluded[strings.TrimSpace(string(m.Outcome)+" "+string(m.Reason))]++
		unfiled, err := db.Unfiled(ctx, m.Mailbox, m.UIDValidity, 0, 1)
		done(t, err)
		if len(unfiled) > 0 {
			t.Errorf("%+v is not filed", unfiled)
		}
	}
	for id, copies := range left {
		if len(copies) > 0 {
			t.Errorf("%d copies of %s are not on record", len(copies), id)
		}
	}
}

// checkFolders requires the folders to be as the record says, byte for byte. No two copies are the same, as
// the server gives each its own number.
func (a *accounts) checkFolders(ctx context.Context, t *testing.T, ledger []intake.Inbound) {
	t.Helper()
	for name, account := range a.mailboxes {
		for _, folder := range []intake.Folder{"INBOX", intake.Processed, intake.RefusedBox, intake.Quarantine} {
			lying, err := a.office.Read(ctx, account, string(folder))
			done(t, err)
			got := make(map[string]int)
			for _, m := range lying {
				got[string(m.Raw)]++
			}
			for _, m := range ledger {
				if m.Mailbox != name || m.Folder != folder {
					continue
				}
				if got[string(m.Raw)] != 1 {
					t.Errorf("message %d (%s) lies %d times in %s as it is on record", m.ID, m.Subject, got[string(m.Raw)], folder)
				}
				delete(got, string(m.Raw))
			}
			if len(got) > 0 {
				t.Errorf("%d messages in %s of %s are not on record there", len(got), folder, account)
			}
		}
	}
}

// checkRequests requires a request for each user, at most one decision on each, an exception for each
// approval, and a reviewer's answer for each decision.
func (a *accounts) checkRequests(ctx context.Context, t *testing.T, db *store.Store, ledger []intake.Inbound, o *outcome) {
	t.Helper()
	exceptions, err := db.Exceptions(ctx)
	done(t, err)
	granted := make(map[string]int)
	for _, e := range exceptions {
		granted[e.Ref]++
	}
	o.exceptions = len(exceptions)
	subjects := make(map[string]int)
	for _, m := range ledger {
		if m.Outcome != intake.OutcomeRequest {
			continue
		}
		for ref := range strings.SplitSeq(m.Ref, ",") {
			ref = strings.TrimSpace(ref)
			r, err := db.Request(ctx, ref)
			done(t, err)
			history, err := db.History(ctx, ref)
			done(t, err)
			o.requests++
			subjects[r.User.Email]++
			events := make(map[string]int)
			for _, h := range history {
				events[string(h.Event)]++
			}
			approved, rejected, questions := events[string(intake.EventApprove)], events[string(intake.EventReject)],
				events[string(intake.EventAsk)]
			o.decisions["approve"] += approved
			o.decisions["reject"] += rejected
			o.decisions["info"] += questions
			if approved+rejected > 1 || granted[ref] != approved || (r.State == intake.Approved) != (approved == 1) {
				t.Errorf("%s is %s, with %d exceptions and %v", ref, r.State, granted[ref], events)
			}
			if approved+rejected == 0 {
				o.undecided = append(o.undecided, ref)
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for user := range a.asked {
		if subjects[user] != 1 {
			t.Errorf("%d requests for %s", subjects[user], user)
		}
	}
	if o.requests != len(a.asked) || o.exceptions != o.decisions["approve"] {
		t.Errorf("%d requests for %d users, and %d exceptions for %d approvals", o.requests, len(a.asked), o.exceptions,
			o.decisions["approve"])
	}
	decided := o.decisions["approve"] + o.decisions["reject"] + o.decisions["info"]
	if n := o.concluded[string(intake.OutcomeDecision)]; n != decided {
		t.Errorf("%d messages decided something, and %d decisions are on record", n, decided)
	}
}

// checkLetters requires each letter on record, and no other, to have been sent and received.
func (a *accounts) checkLetters(ctx context.Context, t *testing.T, b *bot.Bot, o *outcome) {
	t.Helper()
	all, err := b.Store.Outbound(ctx)
	done(t, err)
	byID := make(map[string]intake.Outbound)
	to := make(map[string]int)
	for _, l := range all {
		l = b.Outbox.WithCode(l)
		if l.State != intake.Sent || byID[l.MessageID].ID != 0 {
			t.Errorf("letter %d %q to %s is %s after %d attempts: %s", l.ID, l.Template, l.To, l.State, l.Attempts, l.LastError)
		}
		byID[l.MessageID] = l
		o.attempts[l.ID] = l.Attempts
		to[l.To]++
	}
	o.letters = len(all)
	arrived := make(map[int64]int)
	for _, account := range a.everybody {
		account = post.Bare(account)
		a.await(ctx, t, func() bool { return a.office.Delivered(account) >= to[account] })
		if a.office.Delivered(account) == 0 {
			continue
		}
		inbox, err := a.office.Read(ctx, account, "INBOX")
		done(t, err)
		for _, m := range inbox {
			l, known := byID[post.MessageID(m.Raw)]
			if !known || l.To != account {
				t.Errorf("%s got the letter %s, which is not on record", account, post.MessageID(m.Raw))
			}
			arrived[l.ID]++
		}
		delete(to, account)
	}
	for _, l := range all {
		switch n := arrived[l.ID]; {
		case n == 0:
			t.Errorf("letter %d %q to %s did not arrive", l.ID, l.Template, l.To)
		case n > 1:
			o.again[l.ID] = n - 1
		}
	}
	if len(to) > 0 {
		t.Errorf("letters went to people who are not looked after: %v", slices.Sorted(maps.Keys(to)))
	}
}

// await polls until something is so, as nobody reports it.
func (a *accounts) await(ctx context.Context, t *testing.T, so func() bool) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Error("waited for too long")
			return
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
	}
}
