package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

// answer is a reviewer's answer that decides, and what follows from it.
type answer struct {
	name   string
	from   string // Asha's address where it is empty
	words  string
	change func(d *draft) // what her mail client or the servers on the way do to it; nil for nothing
	ahead  bool           // somebody else sent the same message first, without proof
	state  string
	until  string // the end of the exception; empty for none, full for the whole period
	sent   []string
}

const full = "full"

var (
	tellsOfApproval = []string{"todo directory > ops@helpdesk.test", "approved > oakstreet@pharmacy.test",
		"approved > sam.green@pharmacy.test", "decided > asha@helpdesk.test", "decided > ben@helpdesk.test"}
	tellsOfRejection = []string{"rejected reviewer > oakstreet@pharmacy.test", "decided reviewer > asha@helpdesk.test",
		"decided reviewer > ben@helpdesk.test"}
)

// approves is an answer that grants the full period.
func approves(name, words string, change func(d *draft)) answer {
	return answer{name: name, words: words, change: change, state: "approved", until: full, sent: tellsOfApproval}
}

var answers = []answer{
	approves("a word", "APPROVE", nil),
	approves("a signature", "Approve.\n\nMany thanks\n\nAsha Patel\nMFA Service Lead\nTel: 01632 960 123", nil),
	approves("a disclaimer", "Approved\n\nKind regards\nAsha\n\n"+
		"This message may contain confidential information. If you are not the intended recipient please do not use it.", nil),
	approves("a telephone", "approve\n\nSent from my iPhone", nil),
	{name: "a reason", words: "REJECT The letter is not signed.\n\nKind regards\nAsha", state: "rejected", sent: tellsOfRejection},
	{name: "a question", words: "INFO Who signed the letter?", state: "needs-info", sent: []string{"question > oakstreet@pharmacy.test"}},
	{name: "a day", words: "APPROVE UNTIL 2027-03-01", state: "approved", until: "2027-03-01 23:59:59", sent: tellsOfApproval},
	{name: "an alias", from: "Asha Patel <a.patel@trust.example>", words: "APPROVE", state: "approved", until: full, sent: tellsOfApproval},
	approves("no References", "APPROVE", func(d *draft) { d.drop("References") }),
	approves("no In-Reply-To", "APPROVE", func(d *draft) { d.drop("In-Reply-To") }),
	approves("a tagged subject", "APPROVE", func(d *draft) {
		d.set("Subject", "RE: [EXTERNAL] "+strings.TrimPrefix(strings.TrimPrefix(d.get("Subject"), "RE: "), "Re: "))
	}),
	approves("a mark that says no", "APPROVE", func(d *draft) { d.end("Auto-Submitted: no") }),
	approves("Reply-To", "APPROVE", func(d *draft) { d.set("Reply-To", mallory) }),
	approves("Sender is the reviewer", "APPROVE", func(d *draft) { d.set("Sender", asha) }),
	approves("others in copy", "APPROVE", func(d *draft) { d.set("To", ben).set("Cc", service) }),
	{name: "a copy that was sent ahead", words: "APPROVE", ahead: true, state: "approved", until: full, sent: tellsOfApproval},
	approves("plain text only", "APPROVE", func(d *draft) {
		d.content("text/plain; charset=utf-8", "APPROVE\n\nAsha\n\n"+
			"On Mon, 23 Nov 2026 at 09:07, NHSmail Helpdesk <mfa@helpdesk.test> wrote:\n\n> Please decide on a request\n> APPROVE or REJECT\n")
	}),
}

// TestGenuine: no reviewer or site who writes as people do is refused, whatever their mail client, and
// whichever server proves them.
func TestGenuine(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	t.Run("the second of two who must approve", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		m := w.take(atPostfix(s.reply(ben, s.review(joint, ben), "APPROVE")).String())
		if got := outcomeOf(m) + ": " + w.state()[joint]; got != "decision "+joint+": approved, 2 codes used" {
			t.Errorf("it ended as %s\n%s", got, checksOf(m))
		}
	})
	for i, v := range gateways {
		for j, app := range post.Apps() {
			// Not every combination: through one server all answers come in from all clients, through the
			// others every client with some answer, and every answer from some client.
			list := []answer{answers[0]}
			for k := range answers[1:] {
				if i == 0 || (i+j+k)%8 == 0 {
					list = append(list, answers[k+1])
				}
			}
			for _, a := range list {
				t.Run(fmt.Sprintf("%s/%s/%s", v.name, app, a.name), func(t *testing.T) {
					t.Parallel()
					a.play(t, s, v, app)
				})
			}
		}
		t.Run(v.name+"/a request", func(t *testing.T) {
			t.Parallel()
			requested(t, s, v, "")
		})
		t.Run(v.name+"/a request on behalf", func(t *testing.T) {
			t.Parallel()
			requested(t, s, v, "Jo Marsh <jo.marsh@pharmacy.test>")
		})
	}
}

func (a answer) play(t *testing.T, s *prelude, v gateway, app post.App) {
	w := s.trial(t, v.trust)
	client := post.Client{App: app, Date: s.clock.Now()}
	d := parseDraft(client.Reply(cmp.Or(a.from, asha), s.review(open, asha).raw, a.words, nil))
	if a.change != nil {
		a.change(d)
	}
	if a.ahead {
		if got := outcomeOf(w.take(parseDraft([]byte(d.String())).top(borderHop).String())); got != unproven {
			t.Fatalf("the copy that was sent ahead ended as %s, expected %s", got, unproven)
		}
	}
	before, known := w.state(), w.written()
	raw := v.deliver(d).String()
	m := w.take(raw)
	if v.bare {
		if got, want := outcomeOf(m), "refused(unconfirmed) "+open; got != want || !maps.Equal(before, w.state()) {
			t.Fatalf("it ended as %s, expected %s, and nothing decided\n%s", got, want, checksOf(m))
		}
		w.checkLetters(known, []string{"confirm > asha@helpdesk.test"})
		raw = v.deliver(w.tapped(known, asha)).String()
		known++
		m = w.take(raw)
	}
	if got, want := outcomeOf(m), "decision "+open; got != want {
		t.Errorf("it ended as %s, expected %s", got, want)
	}
	want := maps.Clone(before)
	want[open] = a.state + ", 1 codes used"
	switch a.until {
	case "":
	case full:
		want["exception "+open] = "active for sam.green@pharmacy.test until " + w.clock.Now().Add(180*24*time.Hour).Format(time.DateTime)
	default:
		want["exception "+open] = "active for sam.green@pharmacy.test until " + a.until
	}
	if after := w.state(); !maps.Equal(after, want) {
		t.Errorf("afterwards:\n%v\nexpected:\n%v", after, want)
	}
	w.checkLetters(known, a.sent)
	if t.Failed() {
		t.Logf("the checks of the message:\n%s\nthe message:\n%s", checksOf(m), head(raw))
	}
}

// checkLetters compares the letters after the first n with those that should follow.
func (w *trial) checkLetters(n int, want []string) {
	w.t.Helper()
	var got []string
	for _, l := range w.lettersAfter(n) {
		got = append(got, l.named())
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("the letters are %q, expected %q", got, want)
	}
}

// requested is a site's request, written by the mailbox itself or by a person on its behalf.
func requested(t *testing.T, s *prelude, v gateway, person string) {
	w := s.trial(t, v.trust)
	known := w.written()
	d := s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue")
	if person != "" {
		d.set("Sender", person)
	}
	raw := v.deliver(d).String()
	m := w.take(raw)
	if v.bare {
		if got, want := outcomeOf(m), "quarantined(unconfirmed)"; got != want {
			t.Fatalf("it ended as %s, expected %s\n%s", got, want, checksOf(m))
		}
		w.checkLetters(known, []string{"confirm > oakstreet@pharmacy.test"})
		if got := outcomeOf(w.take(v.deliver(w.tapped(known, pharmacy)).String())); got != "information" {
			t.Errorf("the answer ended as %s", got)
		}
		known++
		all, err := w.bot.Store.Inbound(t.Context())
		done(t, err)
		m = all[len(all)-2]
	}
	if got, want := outcomeOf(m), "request LT-2026-00007"; got != want {
		t.Errorf("it ended as %s, expected %s", got, want)
	} else if r, err := w.bot.Store.Request(t.Context(), "LT-2026-00007"); err != nil || r.State != "pending" || r.User.Email != "ida.moss@pharmacy.test" {
		t.Errorf("the request is %s for %s: %v", r.State, r.User.Email, err)
	}
	w.checkLetters(known, []string{"review > asha@helpdesk.test", "review > ben@helpdesk.test", "receipt > oakstreet@pharmacy.test"})
	if t.Failed() {
		t.Logf("the checks of the message:\n%s\nthe message:\n%s", checksOf(m), head(raw))
	}
}
