package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mfabot/intake"
)

// TestOrderInBatch: a batch is as its messages one after the other.
func TestOrderInBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.takeAll(
		w.arrival(email{from: corner, id: "one@corner.test", subject: "MFA", text: asked, files: []string{pdf("x")}}),
		w.arrival(email{from: corner, subject: "Re: MFA", text: "And this.", answers: []string{"one@corner.test"},
			files: []string{pdf("y")}}),
		w.arrival(email{from: corner, subject: "Re: MFA", text: "WITHDRAW", answers: []string{"one@corner.test"}}))
	for i, want := range []string{"request", "information", "withdrawal"} {
		same(t, "outcome", want+" LT-2026-00001", outcome(got[i]))
	}
	w.inState("LT-2026-00001", intake.Withdrawn)
	filings, err := w.Take(t.Context(), nil)
	ok(t, err)
	same(t, "filings of nothing", 0, len(filings))
}

// TestSameCopyTwice: one copy is on record once, whoever fetched it.
func TestSameCopyTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	same(t, "filings", 1, len(must(w.Take(t.Context(), []intake.Arrival{a, a}))(t)))
	b := w.arrival(email{from: stranger, subject: "MFA", text: "Hello"})
	same(t, "filings beside it", 1, len(must(w.Take(t.Context(), []intake.Arrival{a, b}))(t)))
	same(t, "messages", 2, len(must(w.store.Inbound(t.Context()))(t)))
	same(t, "requests", 1, w.count())
}

// TestSideBySide: several mailboxes deliver at the same time, and two decisions on one request: one of them
// counts.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	batches := [][]intake.Arrival{{w.arrival(reply(a, asha, "APPROVE"))}, {w.arrival(reply(b, ben, "REJECT no"))}}
	for range 10 {
		batches = append(batches, []intake.Arrival{w.arrival(email{from: stranger, subject: "MFA", text: "Hello"})})
	}
	var wg sync.WaitGroup
	for _, batch := range batches {
		wg.Go(func() {
			if _, err := w.Take(t.Context(), batch); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var got []string
	for _, m := range must(w.store.Inbound(t.Context()))(t)[1:] {
		got = append(got, outcome(m))
	}
	slices.Sort(got)
	same(t, "outcomes", []string{"decision " + a.Ref, "refused(already-decided) " + a.Ref}, slices.Compact(got)[:2])
	same(t, "messages", 12, len(got))
}

// TestCommandsOfSites: a site's words are no decision, whatever they begin with.
func TestCommandsOfSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	for _, word := range []string{"APPROVE", "REJECT it", "INFO what?", "REVOKE it"} {
		w.take("information "+a.Ref, reply(receipt, corner, word))
		begins := fmt.Sprintf("request LT-2026-%05d", w.count()+1)
		if strings.HasSuffix(word, "?") { // a person reads a question
			begins = "information"
		}
		w.take(begins, email{from: corner, subject: "MFA", text: word})
	}
	w.inState(a.Ref, intake.Pending)
}

// TestRandomIsCrypto: without a source of random bytes it is the system's.
func TestRandomIsCrypto(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.random = nil })
	a, b, _ := w.pending()
	if len(a.Facts.Code) < 4+26 || a.Facts.Code == b.Facts.Code { // 128 bits are 26 letters of five
		t.Errorf("tokens %q and %q", a.Facts.Code, b.Facts.Code)
	}
}
