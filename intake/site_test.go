package intake_test

import (
	"strings"
	"testing"

	"mfabot/intake"
)

// form is the request form, filled in.
func form(user, reason string) string {
	return "User: " + user + "\nReason: " + reason + "\nDetails: a tremor\nAuthentication method registered: yes\n"
}

// TestNewRequest: what a first message amounts to.
func TestNewRequest(t *testing.T) {
	t.Parallel()
	const one = "LT-2026-00001"
	for _, c := range []struct {
		name    string
		mail    email
		want    string
		state   intake.State // of the first request
		missing string
		letters []string
	}{
		{"complete", email{text: asked, files: []string{pdf("x")}}, "request " + one, intake.Pending, "",
			[]string{toAsha, toBen, "receipt > " + corner}},
		{"complete, as a form", email{text: form(sam, "accessibility"), files: []string{pdf("x")}}, "request " + one, intake.Pending, "",
			[]string{toAsha, toBen, "receipt > " + corner}},
		{"from an alias", email{from: "old@corner.test", text: asked, files: []string{pdf("x")}}, "request " + one, intake.Pending, "",
			[]string{toAsha, toBen, "receipt > " + corner}},
		{"no evidence", email{text: asked}, "request " + one, intake.Rejected, "", []string{"rejected no-evidence > " + corner}},
		{"evidence that does not count", email{text: asked, files: []string{""}}, "request " + one, intake.Rejected, "",
			[]string{"rejected no-evidence > " + corner}},
		{"no user", email{text: "A colleague has an accessibility issue.", files: []string{pdf("x")}}, "request " + one,
			intake.Incomplete, "user",
			[]string{"incomplete > " + corner}},
		{"no reason", email{text: "Please exempt " + sam, files: []string{pdf("x")}}, "request " + one, intake.Incomplete,
			"reason", []string{"incomplete > " + corner}},
		{"nothing", email{text: ""}, "request " + one, intake.Incomplete, "user reason evidence", []string{"incomplete > " + corner}},
		{"a reason that is none", email{text: "User: " + sam + "\nReason: because\nDetails: see the letter\n", files: []string{pdf("x")}}, "request " + one,
			intake.Incomplete, "reason",
			[]string{"incomplete > " + corner}},
		{"the site itself as its user", email{text: form(corner, "accessibility"), files: []string{pdf("x")}},
			"refused(shared-mailbox)", "", "",
			[]string{"no-exception shared-mailbox > " + corner}},
		{"two users", email{text: form(sam+"\nUser: "+kim, "accessibility"), files: []string{pdf("x")}},
			"request " + one + ",LT-2026-00002", intake.Pending, "",
			[]string{toAsha, toBen, toAsha, toBen, "receipt > " + corner, "receipt > " + corner}},
		{"one user twice", email{text: form(sam+"\nUser: Sam.Lee@Corner.test", "accessibility"),
			files: []string{pdf("x")}}, "request " + one, intake.Pending, "",
			[]string{toAsha, toBen, "receipt > " + corner}},
		{"short term", email{text: "Sam Lee, " + sam + ", has lost his phone."}, "short-term guidance", "", "",
			[]string{"short-term > " + corner}},
		{"about another site's request", email{subject: "[LT-2026-00009]", text: asked, files: []string{pdf("x")}},
			"request " + one, intake.Pending, "",
			[]string{toAsha, toBen, "receipt > " + corner}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.mail.from == "" {
				c.mail.from = corner
			}
			if c.mail.subject == "" {
				c.mail.subject = "MFA"
			}
			w.take(c.want, c.mail)
			for _, l := range w.expect(c.letters...) {
				if l.To == corner {
					same(t, "answers", "m1@sender.test", l.AnswersTo)
					same(t, "missing", c.missing, strings.Join(l.Facts.Missing, " "))
				}
			}
			if c.state != "" {
				w.inState(one, c.state)
			}
		})
	}
}

// TestIncomplete: the form is answered, in parts and for more users than one.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "A colleague needs an exception."})
	l := w.expect("incomplete > " + corner)[0]
	same(t, "reasons offered", 4, len(l.Facts.Reasons))
	w.now = w.now.Add(10 * day)
	w.take("request LT-2026-00001", reply(l, corner, form("", "accessibility")))
	l = w.expect("incomplete > " + corner)[0]
	same(t, "missing", []string{"user", "evidence"}, l.Facts.Missing)
	same(t, "lapses", w.now.Add(14*day), w.inState("LT-2026-00001", intake.Incomplete).LapsesAt)
	w.take("request LT-2026-00001,LT-2026-00002", reply(l, corner, form(sam, "")+form(kim, ""), pdf("x")))
	w.expect(toAsha, toBen, toAsha, toBen, "receipt > "+corner, "receipt > "+corner)
	same(t, "first", sam, w.inState("LT-2026-00001", intake.Pending).User.Email)
	second := w.inState("LT-2026-00002", intake.Pending)
	same(t, "second", kim+" accessibility", second.User.Email+" "+second.Reason)
	w.events("LT-2026-00001", "unclear", "unclear", "complete")

	w.take("request LT-2026-00003", email{from: corner, subject: "MFA", text: "A colleague needs an exception."})
	l = w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00003", reply(l, corner, form("pip.ray@corner.test", "accessibility"))) // all but the evidence
	w.expect("rejected no-evidence > " + corner)
	w.inState("LT-2026-00003", intake.Rejected)
}

// TestResubmit: evidence mends a rejection, and nothing else does.
func TestResubmit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
	l := w.expect("rejected no-evidence > " + corner)[0]
	w.take("information LT-2026-00001", reply(l, corner, "But it is attached!"))
	w.expect("rejected no-evidence > " + corner)
	w.take("request LT-2026-00001", reply(l, corner, "Here it is.", pdf("x")))
	r := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "thread of the site", []string{"m1@sender.test", l.MessageID}, r[2].References[:2])
	w.take("decision LT-2026-00001", reply(r[0], asha, "APPROVE"))
	w.events("LT-2026-00001", "no-evidence", "information", "resubmit", "approve")
}

// TestResubmitLoop: a machine that answers our rejections without saying that it is one gets only so many
// answers a day.
func TestResubmitLoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(5)) // three at once
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
	l := w.sent()[0]
	for range 10 {
		w.take("information LT-2026-00001", reply(l, corner, "Your email is important to us."))
	}
	same(t, "answers", 2, len(w.sent()))
}

// TestWhilePending: evidence voids the review emails that are out; words do not.
func TestWhilePending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Any news? Our manager is may@corner.test."))
	l := w.expect("information > "+asha, "information > "+ben, "status > "+corner)
	same(t, "said", "Any news? Our manager is may@corner.test.", l[0].Facts.Said)
	w.take("refused(no-command) "+a.Ref, reply(l[0], asha, "Soon")) // the code comes back in References
	w.expect("not-understood no-command > " + asha)
	w.take("information "+a.Ref, reply(receipt, corner, ""))
	w.expect()
	w.take("information "+a.Ref, reply(receipt, corner, "", pdf("first"))) // the codes keep their force
	w.expect()
	w.take("information "+a.Ref, reply(receipt, corner, "And this.", pdf("second")))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "attached", 2, len(l[0].Attach))
	for _, old := range []intake.Outbound{a, b} {
		w.take("refused(superseded) "+a.Ref, reply(old, old.To, "APPROVE"))
		w.expect("not-understood superseded > " + old.To)
	}
	w.take("decision "+a.Ref, reply(l[0], asha, "APPROVE"))
	w.events(a.Ref, "complete", "information", "information", "information", "add", "approve")
}

// TestConversation: which request a message continues.
func TestConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, receipt := w.pending()
	for name, e := range map[string]email{
		"its own first message":   {from: corner, answers: []string{"m1@sender.test"}},
		"our letter":              {from: corner, answers: []string{receipt.MessageID}},
		"our letter, further up":  {from: corner, answers: []string{receipt.MessageID, "x@y.test"}},
		"the subject":             {from: corner, subject: "Re: [lt-2026-00001] receipt"},
		"the subject by hand":     {from: corner, subject: "About LT-2026-00001, please"},
		"the site's alias":        {from: "old@corner.test", answers: []string{receipt.MessageID}},
		"the letter in any case":  {from: "PHARMACY@corner.test", answers: []string{receipt.MessageID}},
		"the site's own mailbox":  {from: jo, box: "own", answers: []string{receipt.MessageID}},
		"the alias, in that box":  {from: "old@corner.test", box: "own", subject: "[LT-2026-00001]"},
		"no message but ours":     {from: corner, subject: "[LT-2026-00001]", answers: []string{"unknown@x.test"}},
		"the subject, in capital": {from: corner, subject: "RE: [LT-2026-00001] RECEIPT"},
	} {
		e.text = "Any news?"
		if got := outcome(w.takeAll(w.arrival(e))[0]); got != "information LT-2026-00001" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	w.sent()

	// Another site learns and changes nothing; the same site may ask for another user.
	w.take("information", reply(receipt, bright, "WITHDRAW"))
	w.expect("alert withdraw > "+ops, "passed-on > "+bright)
	w.take("request LT-2026-00002", reply(receipt, corner, form(kim, "accessibility"), pdf("kim")))
	w.inState("LT-2026-00001", intake.Pending)
	same(t, "user", kim, w.inState("LT-2026-00002", intake.Pending).User.Email)
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	reviewersTold := []string{"withdrawn > " + corner, "decided > " + asha, "decided > " + ben}
	for _, c := range []struct {
		state   intake.State
		after   intake.State
		want    string
		letters []string
		begin   func(w *world)
	}{
		{intake.Incomplete, intake.Withdrawn, "withdrawal", []string{"withdrawn > " + corner}, func(w *world) {
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Hello"})
		}},
		{intake.Pending, intake.Withdrawn, "withdrawal", reviewersTold, func(w *world) { w.pending() }},
		{intake.NeedsInfo, intake.Withdrawn, "withdrawal", reviewersTold, func(w *world) {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "INFO what?"))
		}},
		{intake.Rejected, intake.Rejected, "information", nil, func(w *world) {
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
		}},
		{intake.Approved, intake.Approved, "information", []string{"alert withdraw > " + ops, "passed-on > " + corner}, func(w *world) { w.approved() }},
		{intake.Withdrawn, intake.Withdrawn, "information", nil, func(w *world) {
			w.pending()
			w.take("withdrawal LT-2026-00001", w.answer("LT-2026-00001", "WITHDRAW"))
		}},
		{intake.Lapsed, intake.Lapsed, "information", nil, func(w *world) {
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Hello"})
			w.now = w.now.Add(15 * day)
			w.sweep()
		}},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.begin(w)
			w.inState("LT-2026-00001", c.state)
			w.sent()
			w.take(c.want+" LT-2026-00001", w.answer("LT-2026-00001", "Withdraw.\n\nThanks"))
			w.expect(c.letters...)
			w.inState("LT-2026-00001", c.after)
		})
	}
}

// TestWithdrawnCode: the review emails of a withdrawn request decide nothing.
func TestWithdrawnCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("withdrawal "+a.Ref, reply(receipt, corner, "WITHDRAW"))
	w.sent()
	w.take("refused(already-decided) "+a.Ref, reply(a, asha, "APPROVE"))
	same(t, "decision", "withdrawn", w.expect("already-decided already-decided > " + asha)[0].Facts.Decision)
	w.take("information "+a.Ref, reply(receipt, corner, "Sorry!"))
	w.take("request LT-2026-00002", reply(receipt, corner, "We need it after all.\n"+asked, pdf("x"))) // begins anew
}

func TestLapse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO what?"))
	q := w.expect("question > " + corner)[0]
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: "Hello"})
	w.sent()
	w.now = noon.Add(14 * day) // down since, so that nobody was asked again
	w.sweep()
	w.expect("lapsed > "+corner, "lapsed > "+corner, "decided > "+asha, "decided > "+ben)
	w.inState(a.Ref, intake.Lapsed)
	w.inState("LT-2026-00002", intake.Lapsed)
	w.events(a.Ref, "complete", "ask", "lapse")
	w.sweep()
	w.expect()
	w.take("request LT-2026-00003", reply(q, corner, "Here is the answer. "+asked, pdf("late")))
	w.take("refused(already-decided) "+a.Ref, reply(a, asha, "APPROVE"))
}

// TestRenewal: a renewal follows on the exception that it renews, without a gap.
func TestRenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	first := must(w.store.Exception(t.Context(), "LT-2026-00001"))(t)
	w.now = first.EndsAt.Add(-30 * day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+sam)[0]
	w.delivered()
	w.take("information LT-2026-00001", reply(warning, corner, "Thank you."))
	w.expect()
	w.take("renewal LT-2026-00002", reply(warning, corner, "Please renew.", pdf("first"))) // the file of the first request
	l := w.expect("rejected no-evidence > " + corner)[0]
	if why := l.Facts.Evidence[0].Why; !strings.Contains(why, "same file") {
		t.Errorf("the site is told %q", why)
	}
	w.take("renewal LT-2026-00003", reply(warning, corner, "Please renew.", pdf("new")))
	r := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "renews", "LT-2026-00001", r[0].Facts.Renews)
	same(t, "history for reviewers", corner, r[0].Facts.History[0].By)
	req := w.inState("LT-2026-00003", intake.Pending)
	same(t, "user and reason", sam+" accessibility", req.User.Email+" "+req.Reason)
	w.now = w.now.Add(5 * day)
	w.take("decision LT-2026-00003", reply(r[0], asha, "APPROVE"))
	old, next := must(w.store.Exception(t.Context(), "LT-2026-00001"))(t), must(w.store.Exception(t.Context(), "LT-2026-00003"))(t)
	same(t, "old state", intake.Superseded, old.StateAt(w.now))
	same(t, "no gap", old.ClosedAt, next.StartsAt)
	w.events("LT-2026-00001", "complete", "approve", "warning", "information", "superseded")
	w.sent()
	w.now = first.EndsAt
	w.sweep()
	w.expect() // the old end passes unnoticed
}

// TestAfterTheEnd: fresh evidence then makes a new request.
func TestAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, _ := w.approved()
	w.now = w.now.Add(180 * day) // not swept yet
	w.take("request LT-2026-00002", reply(l, corner, "Once more.", pdf("new")))
	same(t, "renews", "", w.inState("LT-2026-00002", intake.Pending).Renews)
}

// TestThanksForShortTerm: what asks for nothing about a short-term exception makes no request; what asks
// does.
func TestThanksForShortTerm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "no-signal", "FA001", ""))(t)
	l := w.expect("granted > "+corner, "granted > "+sam)[0]
	w.take("information ST-2026-00001", reply(l, corner, "Thank you!"))
	w.expect()
	w.take("request LT-2026-00001", reply(l, corner, asked, pdf("x")))
	w.take("information", reply(l, bright, "Thank you!")) // not theirs
	w.sent()
	w.take("information", reply(l, bright, "What is this about?"))
	w.expect("alert site-wrote > "+ops, "passed-on > "+bright)
}
