package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

func TestApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	same(t, "attached", 1, len(a.Attach))
	if a.Facts.Code == b.Facts.Code || !strings.HasPrefix(a.MessageID, a.Facts.Code+"@") {
		t.Errorf("tokens %q and %q, Message-ID %q", a.Facts.Code, b.Facts.Code, a.MessageID)
	}
	w.take("decision LT-2026-00001", reply(a, asha, "Approve.\n\nThanks\nAsha"))
	l := w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)
	same(t, "references to the site", "m1@sender.test", l[0].References[0])
	same(t, "audiences", []intake.Audience{intake.ToSite, intake.ToUser}, []intake.Audience{l[0].Facts.Audience, l[1].Facts.Audience})
	same(t, "who decided", "Asha Patel", l[0].Facts.By)
	same(t, "answers", "m2@sender.test", l[2].AnswersTo)
	if l[2].Facts.Code == "" || l[2].Facts.Code == l[3].Facts.Code {
		t.Errorf("tokens to revoke: %q and %q", l[2].Facts.Code, l[3].Facts.Code)
	}
	w.inState(a.Ref, intake.Approved)
	w.events(a.Ref, "complete", "approve")
	e := must(w.store.Exception(t.Context(), a.Ref))(t)
	same(t, "period in seconds", 15_552_000.0, e.EndsAt.Sub(e.StartsAt).Seconds())
	same(t, "next notice", e.EndsAt.Add(-30*day), e.NextNoticeAt)
}

// TestTokenPlaces: the code counts wherever a mail client leaves it.
func TestTokenPlaces(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(e *email, o intake.Outbound){
		"In-Reply-To":  func(e *email, o intake.Outbound) { e.answers = []string{o.MessageID} },
		"References":   func(e *email, o intake.Outbound) { e.answers = []string{o.MessageID, "x@y.test"} },
		"subject":      func(e *email, o intake.Outbound) { e.subject = "Re: [" + strings.ToUpper(o.Facts.Code) + "]" },
		"quoted text":  func(e *email, o intake.Outbound) { e.text += "\n\n> Review code: " + o.Facts.Code },
		"alias":        func(e *email, o intake.Outbound) { e.from, e.answers = "a.patel@trust.test", []string{o.MessageID} },
		"another case": func(e *email, o intake.Outbound) { e.from, e.answers = "Asha@Helpdesk.TEST", []string{o.MessageID} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			e := email{from: asha, subject: "Re: request", text: "APPROVE"}
			edit(&e, a)
			w.take("decision "+a.Ref, e)
			w.inState(a.Ref, intake.Approved)
		})
	}
}

func TestReject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "REJECT the letter is unsigned"))
	l := w.expect("rejected reviewer > "+corner, "decided reviewer > "+asha, "decided reviewer > "+ben)
	same(t, "said", "the letter is unsigned", l[0].Facts.Said)
	same(t, "no code where nothing can be revoked", "", l[1].Facts.Code)
	w.inState(a.Ref, intake.Rejected)

	w.now = w.now.Add(time.Hour)
	w.take("refused(already-decided) "+a.Ref, reply(b, ben, "APPROVE"))
	late := w.expect("already-decided already-decided > " + ben)[0].Facts
	same(t, "by whom and when", "Asha Patel 2026-03-02 12:00:00", late.By+" "+late.At.Format(time.DateTime))

	w.take("information "+a.Ref, reply(l[0], corner, "Thank you for letting us know.")) // nothing false is said of the evidence
	w.expect()
	w.take("request "+a.Ref, reply(l[0], corner, "Here it is, signed.", pdf("signed")))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.events(a.Ref, "complete", "reject", "information", "resubmit")
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed the letter?"))
	q := w.expect("question > " + corner)[0]
	same(t, "question", "Who signed the letter?", q.Facts.Said)
	w.inState(a.Ref, intake.NeedsInfo)
	w.take("refused(not-now) "+a.Ref, reply(b, ben, "APPROVE"))
	first := w.expect("already-decided not-now > " + ben)[0].Facts
	same(t, "who asked", "needs-info by Asha Patel", first.Decision+" by "+first.By)

	// The answer names somebody, which does not make it a request for them.
	w.take("information "+a.Ref, reply(q, corner, "Dr May, may@surgery.test, who treats the tremor."))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "said to reviewers", "Dr May, may@surgery.test, who treats the tremor.", l[0].Facts.Said)
	w.inState(a.Ref, intake.Pending)
	for _, old := range []intake.Outbound{a, b} {
		w.take("refused(superseded) "+a.Ref, reply(old, old.To, "APPROVE"))
		w.expect("not-understood superseded > " + old.To)
	}
	w.take("decision "+a.Ref, reply(l[1], ben, "APPROVE"))
	w.inState(a.Ref, intake.Approved)
	w.events(a.Ref, "complete", "ask", "answer", "approve")
}

func TestApproveUntil(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		until, ends, next string // as shown in London
	}{
		{"2026-03-01", "", ""},
		{"2026-08-30", "", ""}, // the day after the full period
		{"2026-02-30", "", ""},
		{"2026-03-02", "2026-03-02 23:59:59", "2026-03-02 23:59:59"}, // no warning fits
		{"2026-03-05", "2026-03-05 23:59:59", "2026-03-04 23:59:59"},
		{"2026-03-29", "2026-03-29 23:59:59", "2026-03-13 08:30:00"}, // the clocks go forward that day
		{"2026-07-01", "2026-07-01 23:59:59", "2026-06-01 08:30:00"}, // by day
		{"2026-08-29", "2026-08-29 13:00:00", "2026-07-30 13:00:00"}, // the full period ends within it
	} {
		t.Run(c.until, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			answer := w.takeAll(w.arrival(reply(a, asha, "APPROVE UNTIL "+c.until)))[0]
			if c.ends == "" {
				same(t, "outcome", intake.OutcomeRefused, answer.Outcome)
				w.inState(a.Ref, intake.Pending)
				same(t, "letters", "not-understood", string(w.sent()[0].Template))
				w.take("decision "+a.Ref, reply(a, asha, "APPROVE")) // the code is not used up
				return
			}
			same(t, "outcome", intake.OutcomeDecision, answer.Outcome)
			e := must(w.store.Exception(t.Context(), a.Ref))(t)
			london := must(time.LoadLocation("Europe/London"))(t)
			same(t, "end", c.ends, e.EndsAt.In(london).Format(time.DateTime))
			same(t, "next notice", c.next, e.NextNoticeAt.In(london).Format(time.DateTime))
		})
	}
}

// invented has the form of our Message-IDs that carry a code.
var invented = "mfa-" + strings.Repeat("a", 32) + "@helpdesk.test"

// TestNoDecision: what lacks something leaves the request pending, and its reviewer is told what to do.
func TestNoDecision(t *testing.T) {
	t.Parallel()
	for _, c := range []lacking{
		{"no command", func(e *email, _ intake.Outbound) { e.text = "Looks fine to me" },
			"refused(no-command) LT-2026-00001", "not-understood no-command > " + asha},
		{"two commands", func(e *email, _ intake.Outbound) { e.text = "APPROVE\nREJECT no" },
			"refused(text-below) LT-2026-00001", "not-understood text-below > " + asha},
		{"more below the command", func(e *email, _ intake.Outbound) { e.text = "APPROVE\n\nOnly for a month." },
			"refused(text-below) LT-2026-00001", "not-understood text-below > " + asha},
		{"command only quoted", func(e *email, _ intake.Outbound) { e.text = "> APPROVE" },
			"refused(no-command) LT-2026-00001", "not-understood no-command > " + asha},
		{"no reason", func(e *email, _ intake.Outbound) { e.text = "REJECT" }, "refused(no-reason) LT-2026-00001",
			"not-understood no-reason > " + asha},
		{"no question", func(e *email, _ intake.Outbound) { e.text = "INFO" }, "refused(no-question) LT-2026-00001",
			"not-understood no-question > " + asha},
		{"invented code", func(e *email, _ intake.Outbound) { e.answers = []string{invented} },
			"refused(no-token)", "not-understood no-token > " + asha},
		{"no code, from the alias", func(e *email, _ intake.Outbound) { e.answers, e.from = nil, "a.patel@trust.test" },
			"refused(no-token)", "not-understood no-token > " + asha},
		{"another's code", func(e *email, b intake.Outbound) { e.answers = []string{b.MessageID} },
			"refused(not-yours) LT-2026-00001", "not-understood not-yours > " + asha},
		{"revoke before approval", func(e *email, _ intake.Outbound) { e.text = "REVOKE no" },
			"refused(not-now) LT-2026-00001", "not-understood not-now > " + asha},
		{"out of office", func(e *email, _ intake.Outbound) {
			e.text, e.header = "APPROVE\n\nI am out of the office.", []string{"Auto-Submitted: auto-generated"}
		}, "ignored(automatic)", ""},
		{"out of office by its subject", func(e *email, _ intake.Outbound) { e.subject = "Automatic reply: " + e.subject },
			"ignored(automatic)", ""},
	} {
		t.Run(c.name, c.check)
	}
}

// lacking is an answer to a review email that lacks something, and what its reviewer is told.
type lacking struct {
	name   string
	edit   func(e *email, bens intake.Outbound)
	want   string
	letter string
}

func (c lacking) check(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	e := reply(a, asha, "APPROVE")
	e.subject = "Re: something"
	c.edit(&e, b)
	w.take(c.want, e)
	if c.letter != "" {
		w.expect(c.letter)
	} else {
		w.expect()
	}
	w.inState(a.Ref, intake.Pending)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE")) // the code is not used up
}

// TestWrongHands: a code proves nothing alone, and whoever uses another's learns nothing.
func TestWrongHands(t *testing.T) {
	t.Parallel()
	for _, from := range []string{stranger, corner, bright, jo, "asha@helpdesk.test.evil.test"} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			w.take("refused(wrong-address) "+a.Ref, reply(a, from, "APPROVE"))
			l := w.expect("not-understood wrong-address > "+asha, "alert wrong-address > "+ops)
			same(t, "expected", asha, l[0].Facts.Expected)
			w.now = w.now.Add(59 * time.Minute)
			w.take("refused(wrong-address) "+a.Ref, reply(a, from, "REJECT it"))
			w.expect() // the reviewer knows, and so does the operator
			w.now = w.now.Add(time.Minute)
			w.take("refused(wrong-address) "+a.Ref, reply(a, from, "INFO what?"))
			w.expect("alert wrong-address > " + ops)
			w.now = w.now.Add(25 * time.Hour)
			w.take("refused(wrong-address) "+a.Ref, reply(a, from, "REJECT"))
			w.expect("not-understood wrong-address > "+asha, "alert wrong-address > "+ops)
			w.inState(a.Ref, intake.Pending)
			w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		})
	}
}

// TestUnprovenReviewer: nothing is decided by, nor said to, whoever cannot be proven.
func TestUnprovenReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.judge.unproven[asha] = true
	w.take("quarantined(unauthenticated)", reply(a, asha, "APPROVE"))
	alert := w.expect("alert unproven-attempt with code 1 > " + ops)[0]
	w.alerts(alert, "Nobody can vouch for a reviewer", "mfabot decide REF approve|reject|info [TEXT] --as ADDRESS")
	w.alerts(alert, "mfabot why ")
	if text := strings.Join(slices.Concat(alert.Facts.Lines, alert.Facts.Todo), "\n"); strings.Contains(text, "--as NAME") {
		t.Errorf("the operator is told to vouch for a reviewer:\n%s", text)
	}
	w.inState(a.Ref, intake.Pending)
	w.events(a.Ref, "complete", "unproven-attempt")
}

func TestTwoApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, receipt := w.pending()
	same(t, "needed", 2, a.Facts.Approvals)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect()
	w.inState(a.Ref, intake.Pending)
	w.take("refused(not-now) "+a.Ref, reply(a, "a.patel@trust.test", "APPROVE")) // the same person twice
	w.expect("not-understood not-now > " + asha)
	if _, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", asha); !errors.Is(err, intake.ErrNotNow) { // nor by hand
		t.Errorf("a second approval by hand: %v, want ErrNotNow", err)
	}
	w.inState(a.Ref, intake.Pending)
	w.expect()

	// What is new after an approval needs that approval anew.
	w.take("information "+a.Ref, reply(receipt, corner, "More.", pdf("second")))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("refused(superseded) "+a.Ref, reply(b, ben, "APPROVE"))
	w.expect("not-understood superseded > " + ben)
	w.take("decision "+a.Ref, reply(l[1], ben, "APPROVE"))
	w.inState(a.Ref, intake.Pending)
	w.take("decision "+a.Ref, reply(l[0], asha, "APPROVE"))
	w.inState(a.Ref, intake.Approved)
}

// TestHowManyAgree: whoever has not decided is told how many have approved so far.
func TestHowManyAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, _, _ := w.pending()
	same(t, "agreed at first", 0, a.Facts.Agreed)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.later(3 * day)
	reminder := w.expect("reminder > " + ben)[0]
	same(t, "agreed", 1, reminder.Facts.Agreed)
}

// TestTwoApprovalsAndQuestion: an approval from before the answer to a question does not count after it.
func TestTwoApprovalsAndQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.take("decision "+a.Ref, reply(b, ben, "INFO Who signed?"))
	q := w.expect("question > " + corner)[0]
	w.take("information "+a.Ref, reply(q, corner, "Nobody did."))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("decision "+a.Ref, reply(l[1], ben, "APPROVE"))
	w.inState(a.Ref, intake.Pending)
	w.take("decision "+a.Ref, reply(l[0], asha, "APPROVE"))
	w.inState(a.Ref, intake.Approved)
}

// TestTwoApprovalsOfOneNow: who has lost authority since has not approved.
func TestTwoApprovalsOfOneNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.configure(twoApprovals, without(asha))
	w.take("decision "+a.Ref, reply(b, ben, "APPROVE"))
	w.inState(a.Ref, intake.Pending)
}

// without takes a reviewer out of the configuration.
func without(address string) func(*config) {
	return func(c *config) {
		c.Reviewers = slices.DeleteFunc(slices.Clone(c.Reviewers), func(r intake.Reviewer) bool { return r.Address == address })
	}
}

// TestRemovedReviewer: authority is checked when the answer comes.
func TestRemovedReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.configure(without(asha))
	w.take("refused(no-longer) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("alert no-longer > "+ops, "not-understood no-longer > "+asha)
	w.take("refused(not-yours) "+a.Ref, reply(a, ben, "APPROVE")) // it was forwarded to ben
	w.expect("not-understood not-yours > " + ben)
	w.inState(a.Ref, intake.Pending)
}

// TestBarred: nobody decides for themselves, or on their own site's requests.
func TestBarred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: bright, subject: "MFA",
		text: strings.ReplaceAll(asked, "corner", "bright"), files: []string{pdf("x")}})
	w.expect(toAsha, "receipt > "+bright)
	_, err := w.DecideByHand(t.Context(), "LT-2026-00001", "approve", "", ben)
	if err == nil {
		t.Error("ben decided by hand for his own site")
	}

	w.take("request LT-2026-00002", email{from: corner, subject: "MFA",
		text: "User: a.patel@trust.test\nReason: accessibility\n", files: []string{pdf("y")}})
	w.expect(toBen, "receipt > "+corner)
	w.take("request LT-2026-00003", email{from: corner, subject: "MFA", text: form(kim, "accessibility"),
		files: []string{pdf("z")}, header: []string{"Sender: " + asha}}) // which anybody can write
	same(t, "asha is told", true, w.expect(toAsha, toBen, "receipt > "+corner, "alert named > "+ops)[0].Facts.Named)

	a, _, _ := w.pending()
	w.configure(func(c *config) { // asha has joined the site since
		c.Sites = intake.NewRegister(must(intake.ReadSites("sites.csv",
			strings.NewReader(strings.ReplaceAll(sites, "jo@", "asha@helpdesk.test;jo@"))))(t))
	})
	w.take("refused(barred) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("not-understood barred > " + asha)
	w.inState(a.Ref, intake.Pending)
}

// TestTooFewReviewers: the operator is told when a request cannot be decided.
func TestTooFewReviewers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, without(asha))
	fromBright := email{from: bright, subject: "MFA", text: asked, files: []string{pdf("x")}}
	w.take("request LT-2026-00001", fromBright)
	w.expect("receipt > "+bright, "alert no-reviewer > "+ops)
	w.configure(twoApprovals)
	fromBright.text = form(kim, "accessibility")
	w.take("request LT-2026-00002", fromBright)
	w.expect(toAsha, "receipt > "+bright, "alert no-reviewer > "+ops)
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	l := w.expect("decided > "+asha, "decided > "+ben, "approved > "+corner, "approved > "+sam)
	w.take("refused(not-now) "+a.Ref, reply(a, asha, "REVOKE left")) // the code of the review
	w.expect("not-understood not-now > " + asha)
	w.take("refused(already-decided) "+a.Ref, reply(l[0], asha, "APPROVE"))
	w.expect("already-decided already-decided > " + asha)
	w.take("refused(not-yours) "+a.Ref, reply(l[0], ben, "REVOKE left"))
	w.expect("not-understood not-yours > " + ben)
	w.take("refused(wrong-address) "+a.Ref, reply(l[0], corner, "REVOKE left"))
	w.expect("not-understood wrong-address > "+asha, "alert wrong-address > "+ops)
	w.take("decision "+a.Ref, reply(l[1], ben, "REVOKE Sam has left"))
	told := w.expect("revoked > "+corner, "revoked > "+sam, "decided > "+asha)
	same(t, "who approved it hears", "revoked by Ben Okoro", told[2].Facts.Decision+" by "+told[2].Facts.By)
	same(t, "nothing to revoke with", "", told[2].Facts.Seed)
	same(t, "said", "Sam has left by Ben Okoro", told[0].Facts.Said+" by "+told[0].Facts.By)
	same(t, "state", intake.Revoked, must(w.store.Exception(t.Context(), a.Ref))(t).State)
	for _, again := range []intake.Outbound{l[0], l[1]} {
		w.take("refused(already-decided) "+a.Ref, reply(again, again.To, "REVOKE once more"))
		late := w.expect("already-decided already-decided > " + again.To)[0].Facts
		same(t, "who was faster", "revoked by Ben Okoro", late.Decision+" by "+late.By)
	}
	w.take("refused(already-decided) "+a.Ref, reply(b, ben, "APPROVE"))
	w.now = w.now.Add(400 * day)
	w.sent()
	w.sweep()
	w.expect() // nothing is said of the end of what was ended
}

// TestRevokeTooLate: what is over, whether or not anybody has seen to it, is not ended again; nor is what a
// renewal has superseded.
func TestRevokeTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, decided := w.approved()
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE")) // for the same user
	next := w.expect("decided > "+asha, "decided > "+ben, "approved > "+corner, "approved > "+sam)[0]
	w.take("refused(already-decided) "+decided.Ref, reply(decided, asha, "REVOKE left"))
	same(t, "decision", "superseded", w.expect("already-decided already-decided > " + asha)[0].Facts.Decision)
	same(t, "the one that counts", intake.Active, must(w.store.Exception(t.Context(), a.Ref))(t).State)
	w.now = w.now.Add(180 * day)
	w.take("refused(already-decided) "+a.Ref, reply(next, asha, "REVOKE left"))
	same(t, "decision", "ended", w.expect("already-decided already-decided > " + asha)[0].Facts.Decision)
}
