package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// quoting is a text above another that it quotes, as somebody else's.
func quoting(words, quoted string) string {
	return words + "\n\nOn 2 March 2026, Mallory <mallory@evil.test> wrote:\n> " +
		strings.ReplaceAll(strings.TrimSpace(quoted), "\n", "\n> ") + "\n"
}

// incomplete makes a request that lacks its user, and returns the letter with the form.
func (w *world) incomplete() intake.Outbound {
	w.t.Helper()
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
		text: "Please could Sam have an exception from MFA?\nReason: accessibility", files: []string{pdf("first")}})
	return w.expect("incomplete > " + corner)[0]
}

// TestCodeInForeignAnswer: whoever saw a letter to a site knows its code. In the answer to somebody else's message it
// continues nothing, wherever it stands: the site is asked.
func TestCodeInForeignAnswer(t *testing.T) {
	t.Parallel()
	filled := form("mallory@corner.test", "accessibility")
	for name, letter := range map[string]func(w *world) intake.Outbound{
		"the form": (*world).incomplete,
		"a question": func(w *world) intake.Outbound {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed the letter?"))
			return w.expect("question > " + corner)[0]
		},
		"the question for an address": func(w *world) intake.Outbound {
			a, _, receipt := w.pending()
			w.take("information "+a.Ref, reply(receipt, corner, "I think the address should be "+leigh))
			return w.expect("information > "+asha, "information > "+ben, "address > "+corner)[2]
		},
	} {
		for place, e := range map[string]func(code string) email{
			"quoted": func(code string) email { return email{text: quoting("Yes, that is right.", code+"\n"+filled)} },
			"in the subject": func(code string) email {
				return email{subject: "Re: your invoice [" + code + "]", text: "It is mallory@corner.test"}
			},
			"in its own words": func(code string) email { return email{text: quoting("It is mallory@corner.test, "+code, filled)} },
		} {
			for _, uncovered := range [][]string{nil, {"in-reply-to", "references"}} {
				w := newWorld(t)
				l := letter(w)
				before := must(w.store.Request(t.Context(), l.Ref))(t)
				w.judge.uncovered = uncovered
				foreign := e(l.Facts.Code)
				foreign.from, foreign.answers, foreign.files = corner, []string{"x@evil.test"}, []string{pdf("innocent")}
				w.takeAll(w.arrival(foreign))
				for _, o := range w.sent() {
					if o.To != corner {
						t.Errorf("%s, %s, %v: %s to %s", name, place, uncovered, o.Template, o.To)
					}
				}
				after := must(w.store.Request(t.Context(), l.Ref))(t)
				same(t, name+", "+place, before, after)
				for ref := 2; ref <= w.count(); ref++ {
					w.inState(fmt.Sprintf("LT-2026-%05d", ref), intake.Incomplete)
				}
			}
		}
	}
}

// TestCodeOfSite: the code of a letter continues its request in the subject or the author's own words, where a mail client
// leaves out what is answered. One that is only quoted is asked about.
func TestCodeOfSite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mail func(l intake.Outbound) email
		want string
	}{
		"an answer":        {func(l intake.Outbound) email { return email{answers: []string{l.MessageID}} }, toAsha},
		"in the subject":   {func(l intake.Outbound) email { return email{subject: "Re: it [" + l.Facts.Code + "]"} }, toAsha},
		"in its own words": {func(l intake.Outbound) email { return email{text: "\n" + l.Facts.Code} }, toAsha},
		"quoted":           {func(l intake.Outbound) email { return email{text: quoting("", l.Facts.Code)} }, "belongs > " + corner},
	} {
		w := newWorld(t)
		a, _, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed the letter?"))
		e := c.mail(w.expect("question > " + corner)[0])
		e.from, e.text = corner, "Dr May has signed it."+e.text
		w.take("information "+a.Ref, e)
		var got []string
		for _, o := range w.sent() {
			got = append(got, string(o.Template)+" > "+o.To)
		}
		same(t, name, c.want, got[0])
	}
}

// TestFormAwaited: a quoted form counts while the request waits for it. Later the site is asked anew for whom it names.
func TestFormAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.incomplete()
	w.take("request LT-2026-00001", reply(l, corner, quoting("", form(sam, "accessibility"))))
	w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "user", sam, w.inState("LT-2026-00001", intake.Pending).User.Email)
	for _, later := range []time.Duration{0, 90 * day} {
		w.now = w.now.Add(later)
		w.takeAll(w.arrival(reply(l, corner, quoting("", form(kim, "accessibility")), pdf("of kim"+later.String()))))
		w.expect("incomplete > " + corner)
		same(t, "evidence", 1, len(w.inState("LT-2026-00001", intake.Pending).Evidence))
		same(t, "user", "", w.inState(fmt.Sprintf("LT-2026-%05d", w.count()), intake.Incomplete).User.Email)
	}
}

// TestConfirmedByAnswer: only what answers the letter that asks confirms, to us and in time.
func TestConfirmedByAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mail      func(l intake.Outbound) email
		later     time.Duration
		confirmed bool
	}{
		"an answer":             {func(l intake.Outbound) email { return email{answers: []string{l.MessageID}} }, 13 * day, true},
		"the code in a subject": {func(l intake.Outbound) email { return email{subject: "Re: [" + l.Facts.Code + "]"} }, 0, true},
		"too late":              {func(l intake.Outbound) email { return email{answers: []string{l.MessageID}} }, 14 * day, false},
		"quoted":                {func(l intake.Outbound) email { return email{text: quoting("", l.Facts.Code)} }, 0, false},
		"quoted, to somebody": {func(l intake.Outbound) email {
			return email{text: quoting("", l.Facts.Code), answers: []string{"x@evil.test"}, to: "To: <mallory@evil.test>"}
		}, 0, false},
		"an answer to somebody": {func(l intake.Outbound) email {
			return email{subject: "Re: [" + l.Facts.Code + "]", answers: []string{"x@evil.test"}}
		}, 0, false},
		"written to others only": {func(l intake.Outbound) email {
			return email{subject: "Re: [" + l.Facts.Code + "]", to: "To: <mallory@evil.test>"}
		}, 0, false},
	} {
		w := newWorld(t)
		w.judge.uncovered = []string{"to"}
		w.take("quarantined(unconfirmed)", email{from: corner, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf("x")}})
		e := c.mail(w.expect("confirm > " + corner)[0])
		w.judge.uncovered = nil
		w.now = w.now.Add(c.later)
		e.from, e.text = corner, "Confirmed."+e.text
		w.takeAll(w.arrival(e))
		first := must(w.store.Inbound(t.Context()))(t)[0]
		same(t, name, c.confirmed, outcome(first) == "request LT-2026-00001")
	}
}

// TestOwnMessageID: whoever had a copy of a site's request knows its Message-ID. What answers that withdraws nothing in
// other words than the command before the site is asked.
func TestOwnMessageID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, id: "own@corner.test", subject: "MFA", text: asked, files: []string{pdf("first")}})
	w.sent()
	w.take("information LT-2026-00001", email{from: corner, subject: "Re: your order",
		answers: []string{"own@corner.test"}, text: "Please cancel it."})
	ask := w.expect("belongs > " + corner)[0]
	w.inState("LT-2026-00001", intake.Pending)
	w.take("withdrawal LT-2026-00001", reply(ask, corner, "Yes"))
	w.inState("LT-2026-00001", intake.Withdrawn)
}

// TestBelongs: a site's answer goes on with what it was asked about only where it plainly says yes. What leaves it open is
// asked once more, and then read by a person.
func TestBelongs(t *testing.T) {
	t.Parallel()
	start := func() (*world, intake.Outbound) {
		w := newWorld(t)
		a, _, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "INFO Is the tremor permanent?"))
		w.sent()
		w.take("information "+a.Ref, email{from: corner, subject: "Re: [" + a.Ref + "] your order", text: "Yes, it is permanent.",
			answers: []string{"x@evil.test"}, files: []string{pdf("innocent")}})
		return w, w.expect("belongs > " + corner)[0]
	}
	for _, answer := range []string{"What is this? We never sent you that.", "We did not write that.",
		"Wrong address, we were writing to somebody else", "?"} {
		w, ask := start()
		w.take("information "+ask.Ref, reply(ask, corner, answer))
		again := w.expect("belongs > " + corner)[0]
		same(t, "what is asked about", ask.Facts.AskedAbout, again.Facts.AskedAbout)
		w.take("information "+ask.Ref, reply(again, corner, answer+" Please tell us."))
		w.expect("alert site-wrote > "+ops, "passed-on > "+corner)
		same(t, answer, 1, len(w.inState(ask.Ref, intake.NeedsInfo).Evidence))
		w.take("information "+ask.Ref, reply(again, corner, "Sorry, yes it is.")) // at last
		w.expect(toAsha, toBen, "receipt > "+corner)
		same(t, answer, 2, len(w.inState(ask.Ref, intake.Pending).Evidence))
	}
	for answer, want := range map[string]intake.State{"Yes": intake.Pending, "Hi,\n\nThat's right.\n\nJo": intake.Pending,
		"No": intake.NeedsInfo, "WITHDRAW": intake.Withdrawn} {
		w, ask := start()
		w.takeAll(w.arrival(reply(ask, corner, answer)))
		w.inState(ask.Ref, want)
	}
	// Evidence with it counts as what it is: an answer to a letter of ours. What was asked about stays aside.
	w, ask := start()
	w.take("information "+ask.Ref, reply(ask, corner, "Here is the letter from the clinic.", pdf("clinic")))
	same(t, "evidence", 2, len(w.inState(ask.Ref, intake.Pending).Evidence))
}

// TestCorrectionsADay: corrections have the reviewers asked again, as other additions do, and are as limited.
func TestCorrectionsADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AdditionsADay = 4 }))
	var users strings.Builder
	for i := range 5 {
		fmt.Fprintf(&users, "User: u%d@corner.test\n", i)
	}
	w.takeAll(w.arrival(email{from: corner, subject: "MFA", files: []string{pdf("x")},
		text: users.String() + "Reason: accessibility\nDetails: x\nAuthentication method registered: yes\n"}))
	var receipts []intake.Outbound
	for _, o := range w.sent() {
		if o.Template == intake.LetterReceipt {
			receipts = append(receipts, o)
		}
	}
	for i, l := range receipts {
		was := must(w.store.Request(t.Context(), l.Ref))(t).User.Email
		m := w.takeAll(w.arrival(reply(l, corner, fmt.Sprintf("Sorry, %s is wrong, it should be u%dx@corner.test.", was, i))))[0]
		if i < 2 {
			same(t, "in the limit", "information "+l.Ref, outcome(m))
			continue
		}
		same(t, "above it", "quarantined(too-many)", outcome(m))
		same(t, "user", was, w.inState(l.Ref, intake.Pending).User.Email)
	}
}

// TestReferenceInName: what a site calls a user, in whatever form, stands in the subject of the letters about them, and is
// no reference there.
func TestReferenceInName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	named := "User: Zoe LT-2026-00777 Moss <lt-2026-00778@corner.test>\nReason: accessibility\nDetails: x\nAuthentication " +
		"method registered: yes\n"
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: named, files: []string{pdf("x")}})
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "name", "Zoe … Moss", l[0].Facts.User.Name)
	answer := func(o intake.Outbound, text string) email {
		e := reply(o, o.To, text)
		e.subject = "Re: MFA exception for " + o.Facts.User.Name + " (" + o.Facts.User.Email + ") [" + o.Ref + "]"
		return e
	}
	w.take("decision LT-2026-00001", answer(l[0], "APPROVE"))
	decided := w.expect("approved > "+corner, "decided > "+asha, "approved > lt-2026-00778@corner.test", "decided > "+ben)
	w.take("decision LT-2026-00001", answer(decided[1], "REVOKE The account is abused"))
}

// TestEvidenceJoinedTwice: two requests of one message have its parts in common, also those that do not count. The one that
// turns out to be for the other's user adds nothing that is there.
func TestEvidenceJoinedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001,LT-2026-00002", email{from: corner, subject: "MFA", text: form(sam+"\nUser: "+kim, "accessibility"),
		files: []string{pdf("first"), "MZ\x90\x00this is a program"}})
	w.sent()
	w.takeAll(w.arrival(w.answer("LT-2026-00002", "Sorry, "+kim+" is wrong, it should be "+sam+".", pdf("second"))))
	w.inState("LT-2026-00002", intake.Withdrawn)
	same(t, "evidence", 3, len(w.inState("LT-2026-00001", intake.Pending).Evidence))
}
