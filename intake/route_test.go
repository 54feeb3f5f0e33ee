package intake_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestStrangers: who may not ask is told which way to go.
func TestStrangers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, box string
		why             intake.Why
		site            string
	}{
		{"nobody we know", stranger, "", intake.WhyNotRegistered, ""},
		{"a contact", jo, "", intake.WhyPersonalMailbox, "FA001"},
		{"a contact in capitals", "JO@Corner.Test", "", intake.WhyPersonalMailbox, "FA001"},
		{"a contact of two sites", "pat@bright.test", "", intake.WhyPersonalMailbox, ""},
		{"another site's contact in a site's mailbox", "pat@bright.test", "own", intake.WhyNotContact, "FA001"},
		{"a stranger in a site's mailbox", stranger, "own", intake.WhyNotContact, "FA001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.take("refused("+string(c.why)+")", email{from: c.from, box: c.box, subject: "MFA", text: asked, files: []string{pdf("x")}})
			to := strings.ToLower(c.from)
			l := w.expect("refused " + string(c.why) + " > " + to)[0]
			same(t, "site", c.site, l.Facts.Site.ODSCode)
			same(t, "answers", "m1@sender.test", l.AnswersTo)
			same(t, "requests", 0, w.count())
		})
	}
}

// TestOwnMailbox: in a site's own mailbox its people write for it, and are answered themselves.
func TestOwnMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: jo, box: "own", subject: "MFA", text: asked, files: []string{pdf("x")}})
	w.expect(toAsha, toBen, "receipt > "+jo)
	same(t, "site", "FA001", w.inState("LT-2026-00001", intake.Pending).SiteCode)
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := email{id: "one@corner.test", from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	w.take("request LT-2026-00001", e)
	w.sent()
	w.take("ignored(duplicate) LT-2026-00001", e)
	relayed := e
	relayed.header = []string{"Received: from elsewhere", "X-Spam: no"}
	w.take("ignored(duplicate) LT-2026-00001", relayed)
	relayed.box = "own"
	w.take("ignored(duplicate) LT-2026-00001", relayed)
	w.expect()
	other := e
	other.text = strings.ReplaceAll(asked, "sam.lee", "kim.day")
	w.take("request LT-2026-00002", other) // a Message-ID alone names nothing
	w.sent()

	// After a UIDVALIDITY change all is new: each copy goes where the first one went.
	refused := email{from: stranger, id: "two@elsewhere.test", subject: "MFA", text: "Hello"}
	w.take("refused(not-registered)", refused)
	w.sent()
	a := w.arrival(refused)
	a.UIDValidity, a.UID = 2, 1
	b := w.arrival(e)
	b.UIDValidity, b.UID = 2, 2
	twice := b
	twice.UID = 3
	got := w.takeAll(a, b, twice)
	same(t, "folders", []intake.Folder{intake.RefusedBox, intake.Processed, intake.Processed},
		[]intake.Folder{got[0].Folder, got[1].Folder, got[2].Folder})
	w.expect()
}

// TestSentAhead: a forged or relayed copy that comes first does not take the place of the true one.
func TestSentAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := email{id: "one@corner.test", from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	w.judge.unproven[corner] = true
	w.take("quarantined(unauthenticated)", e)
	w.take("quarantined(unauthenticated)", e)
	w.alerts(w.expect("alert unauthenticated-registered > " + ops)[0], "Ring the site first, Corner Pharmacy (FA001), and ask whether it "+
		"wrote this. Take the number from a list of your own")
	w.judge.unproven[corner] = false
	w.take("request LT-2026-00001", e)
	w.take("ignored(duplicate) LT-2026-00001", e)
	w.judge.unproven[corner] = true
	w.take("ignored(duplicate) LT-2026-00001", e)
	same(t, "requests", 1, w.count())
}

// TestNeverAnswered: each of these ends with an outcome and no answer to its sender.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		mail  email
		want  string
		alert string
	}{
		{"ours, by its address", email{from: "mfa@helpdesk.test", text: asked}, "ignored(our-own)", ""},
		{"ours, by its mark", email{from: corner, text: asked, header: []string{"X-Mfabot: OURS"}}, "ignored(our-own)", ""},
		{"another bot's", email{from: corner, text: asked, header: []string{"X-Mfabot: another"}}, "ignored(automatic)", ""},
		{"automatic", email{from: corner, text: asked, header: []string{"Auto-Submitted: auto-replied"}}, "ignored(automatic)", ""},
		{"a list", email{from: stranger, text: asked, header: []string{"List-Id: <x.y>"}}, "ignored(automatic)", ""},
		{"automatic and unproven", email{from: "evil@x.test", text: "x",
			header: []string{"Auto-Submitted: auto-replied"}}, "ignored(automatic)", ""},
		{"unproven", email{from: "evil@x.test", text: asked}, "quarantined(unauthenticated)", "alert unauthenticated > " + ops},
		{"no From", email{text: asked}, "quarantined(unclear-sender)", "alert unclear-sender > " + ops},
		{"two in From", email{from: corner + ">, <" + bright, text: asked}, "quarantined(unclear-sender)", "alert unclear-sender > " + ops},
		{"two From", email{from: corner, text: asked, header: []string{"From: " + bright}}, "quarantined(unclear-sender)",
			"alert unclear-sender > " + ops},
		{"a strange bounce", email{from: "mailer-daemon@x.test", subject: "Undelivered Mail",
			text: "<sam@x.test>: 550 unknown user"}, "ignored(bounce)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.judge.unproven["evil@x.test"] = true
			for i, h := range c.mail.header {
				c.mail.header[i] = strings.Replace(h, "OURS", w.store.Instance(), 1)
			}
			for i := range 3 { // different ones, within the hour: one alert
				c.mail.id = strings.Repeat("x", i+1) + "@x.test"
				w.take(c.want, c.mail)
			}
			if c.alert != "" {
				w.expect(c.alert)
			} else {
				w.expect()
			}
			w.now = w.now.Add(time.Hour)
			c.mail.id = "later@x.test"
			w.take(c.want, c.mail)
			if c.alert != "" {
				w.expect(c.alert)
			}
		})
	}
}

// TestUnreadable: what is no email is set aside, stored, and told of.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, raw := range []string{"", "\r\n", "\x00\x01\x02", "no header here\r\n\r\nbody", strings.Repeat("x", 1<<20)} {
		a := w.arrival(email{})
		a.Raw = []byte(raw)
		m := w.takeAll(a)[0]
		same(t, "outcome", intake.OutcomeQuarantined, m.Outcome)
		same(t, "folder", intake.Quarantine, m.Folder)
		same(t, "stored", raw, string(must(w.store.Message(t.Context(), m.ID))(t).Raw))
	}
	for _, l := range w.sent() {
		same(t, "letter", "alert > "+ops, string(l.Template)+" > "+l.To)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := func(from string, size int64) intake.Arrival {
		a := w.arrival(email{id: "large@corner.test", from: from, subject: "MFA"})
		head, _, _ := strings.Cut(string(a.Raw), "\r\n\r\n")
		a.Raw, a.Size, a.HeaderOnly = []byte(head+"\r\n\r\n"), size, true
		return a
	}
	same(t, "first", "refused(too-large)", outcome(w.takeAll(large(corner, 40<<20))[0]))
	l := w.expect("too-large > " + corner)[0]
	same(t, "size and limit", []int64{40 << 20, 25 << 20}, []int64{l.Facts.Size, l.Facts.Limit})
	same(t, "again", "ignored(duplicate)", outcome(w.takeAll(large(corner, 40<<20))[0]))
	w.expect()
	same(t, "another of that Message-ID", "refused(too-large)", outcome(w.takeAll(large(corner, 50<<20))[0]))
	w.expect("too-large > " + corner)
	w.judge.unproven[stranger] = true
	same(t, "unproven", "quarantined(unauthenticated)", outcome(w.takeAll(large(stranger, 40<<20))[0]))
	w.expect("alert unauthenticated > " + ops)
}

// TestOneBadMessage: what fails by itself is set aside; the rest of its batch stays.
func TestOneBadMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.judge.crash = "crash"
	good := email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	bad := email{from: corner, subject: "crash", text: "The same text."}
	another := good
	another.text = strings.ReplaceAll(asked, "sam.lee", "kim.day")
	got := w.takeAll(w.arrival(good), w.arrival(bad), w.arrival(bad), w.arrival(another))
	for i, want := range []string{"request LT-2026-00001", "quarantined(unreadable)", "quarantined(unreadable)",
		"request LT-2026-00002"} {
		same(t, "outcome", want, outcome(got[i]))
	}
	w.expect(toAsha, toBen, "receipt > "+corner, toAsha, toBen, "receipt > "+corner, "alert unreadable > "+ops)
}

// panicking is a source of random bytes that panics at some of its reads.
type panicking struct {
	at []int // counted from 1
	n  int
}

func (p *panicking) Read(b []byte) (int, error) {
	if p.n++; slices.Contains(p.at, p.n) {
		panic("no more")
	}
	for i := range b {
		b[i] = byte(p.n >> (8 * (i % 4)))
	}
	return len(b), nil
}

// TestPanicWhileHandling: what fails is undone and tried again, three times in all.
func TestPanicWhileHandling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.random = &panicking{at: []int{5, 7, 9, 12, 14}} })
	e := email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	another := e
	another.text = strings.ReplaceAll(asked, "sam.lee", "kim.day")
	got := w.takeAll(w.arrival(e), w.arrival(another), w.arrival(another)) // three random texts each: they panic at the review to ben
	for i, want := range []string{"request LT-2026-00001", "quarantined(failed)", "request LT-2026-00002"} {
		same(t, "outcome", want, outcome(got[i]))
	}
	w.expect(toAsha, toBen, "receipt > "+corner, "alert failed > "+ops, toAsha, toBen, "receipt > "+corner)
	w.events("LT-2026-00001", "complete")
	w.events("LT-2026-00002", "complete")
}

// failing is a source of random bytes that does not work.
type failing struct{}

var errRandom = errors.New("no entropy")

func (failing) Read([]byte) (int, error) { return 0, errRandom }

// TestFaultOfTheSurroundings: then what needs them is not recorded, and may not be filed; the rest is.
func TestFaultOfTheSurroundings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.random = failing{} })
	batch := []intake.Arrival{w.arrival(email{from: corner, subject: "MFA", text: "x",
		header: []string{"Auto-Submitted: auto-replied"}}),
		w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})}
	filings, err := w.Take(t.Context(), batch)
	if !errors.Is(err, errRandom) || filings != nil {
		t.Errorf("got %v, %v", filings, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if filings, err := w.Take(cancelled, batch); err == nil || filings != nil {
		t.Errorf("after the end of its context: %v, %v", filings, err)
	}
	same(t, "ledger", 1, len(must(w.store.Inbound(t.Context()))(t)))
	same(t, "unknown", []uint32{2}, must(w.Unknown(t.Context(), "helpdesk", 1, []uint32{1, 2}))(t))
	w.configure()
	w.takeAll(batch[1:]...)
	w.expect(toAsha, toBen, "receipt > "+corner)
	unfiled := must(w.Unfiled(t.Context(), "helpdesk", 1, 0, 9))(t)
	same(t, "unfiled", 2, len(unfiled))
	ok(t, w.Filed(t.Context(), unfiled))
	same(t, "left to file", 0, len(must(w.Unfiled(t.Context(), "helpdesk", 1, 0, 9))(t)))
}
