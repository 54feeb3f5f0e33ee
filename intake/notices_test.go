package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// states lists the letters to the site of some templates, with how far each has come, as "warning failed".
func (w *world) states(templates ...intake.Template) (out []string) {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		for _, t := range templates {
			if o.Template == t && o.To == corner {
				out = append(out, fmt.Sprint(o.Template, " ", o.State))
			}
		}
	}
	return out
}

// TestOvertaken: while nothing can be sent, a later notice takes the place of the warnings that wait, whether
// or not they were tried, and nobody is alerted.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(w *world)
		want []string
	}{
		"a later warning": {func(w *world) {
			w.now = noon.Add(166 * day)
			w.sweep()
		}, []string{"warning failed", "warning queued"}},
		"the end": {func(w *world) {
			for _, days := range []int{166, 173, 179, 180} {
				w.now = noon.AddDate(0, 0, days)
				w.sweep()
			}
		}, []string{"warning failed", "warning failed", "warning failed", "warning failed", "ended queued"}},
		"a revocation": {func(w *world) {
			must(w.RevokeByHand(w.t.Context(), "LT-2026-00001", "left", "Olu"))(w.t)
		}, []string{"warning failed", "revoked queued"}},
		"a renewal": {func(w *world) {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		}, []string{"warning failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.approved()
			w.delivered()
			w.now = noon.Add(150 * day)
			w.sweep()
			l := w.expect("warning > "+corner, "warning > "+sam)
			_ = must(w.store.Try(t.Context(), []int64{l[0].ID}))(t) // and nobody knows how it went
			c.then(w)
			same(t, "to the site", c.want, w.states(intake.LetterWarning, intake.LetterEnded, intake.LetterRevoked))
			same(t, "why", intake.Overtaken, w.letterOf(l[1].ID).LastError)
			for _, o := range w.sent() {
				if o.Template == intake.LetterAlert {
					t.Errorf("the operator is alerted: %s", o.Facts.Headline)
				}
			}
			ok(t, w.store.Sent(t.Context(), intake.Accepted{ID: l[0].ID, At: w.now})) // it arrived after all
			same(t, "what was sent", intake.Sent, w.letterOf(l[0].ID).State)
		})
	}
}

// TestRenewBy: a warning gives the last day on which a renewal can be asked for so that the reviewers have the working days
// of the policy; one of a short-term exception, which nobody renews, gives none.
func TestRenewBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.delivered()
	w.now = noon.Add(150 * day)
	w.sweep()
	for _, o := range w.expect("warning > "+corner, "warning > "+sam) {
		same(t, "the end", "Sat 29 Aug 2026", o.Facts.Ends.Format("Mon 2 Jan 2006"))
		same(t, "the last day", "Wed 19 Aug 2026", o.Facts.RenewBy.In(w.Desk.Policy.Zone).Format("Mon 2 Jan 2006"))
		same(t, "the reviewers have", w.Desk.Policy.Review.DeputyAfter, o.Facts.ReviewDays)
	}
	must(w.Grant(t.Context(), kim, "other", "", ""))(t)
	w.expect("granted > " + kim)
	w.now = w.now.Add(23 * time.Hour)
	w.sweep()
	for _, o := range w.expect("warning > " + kim) {
		same(t, "nobody renews a short-term exception", true, o.Facts.RenewBy.IsZero())
	}
}

// waiting counts what is in the queue, as "reminder > asha@helpdesk.test".
func (w *world) waiting() map[string]int {
	w.t.Helper()
	n := make(map[string]int)
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		switch {
		case o.State == intake.Queued:
			n[string(o.Template)+" > "+o.To]++
		case o.State == intake.Failed:
			same(w.t, "why", intake.Overtaken, o.LastError)
		}
	}
	return n
}

// TestRemindersOvertaken: whoever could not be reached for days gets the newest digest and the newest
// reminder, and none of what is decided meanwhile.
func TestRemindersOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.delivered()
	w.passes(9 * day)
	same(t, "after days", map[string]int{"reminder > " + asha: 1, "reminder > " + ben: 1, "morning > " + asha: 1,
		"morning > " + ben: 1}, w.waiting())
	w.take("information "+a.Ref, w.answer(a.Ref, "Here is more.", pdf("second")))
	same(t, "changed", map[string]int{"review > " + asha: 1, "review > " + ben: 1, "receipt > " + corner: 1,
		"morning > " + asha: 1, "morning > " + ben: 1}, w.waiting())
	w.delivered()
	w.passes(3 * day)
	same(t, "reminded", 1, w.waiting()["reminder > "+asha])
	_, err := w.DecideByHand(t.Context(), a.Ref, "reject", "No", asha)
	ok(t, err)
	same(t, "decided", map[string]int{"decided > " + asha: 1, "decided > " + ben: 1, "rejected > " + corner: 1,
		"morning > " + asha: 1, "morning > " + ben: 1}, w.waiting())
	for _, o := range w.sent() {
		if o.Template == intake.LetterAlert {
			t.Errorf("the operator is alerted: %s", o.Facts.Headline)
		}
	}
}

// TestQuestionsOvertaken: a site that could not be reached is asked for nothing that it has said meanwhile, or that nobody
// wants to know any more, and the newest form is the only one.
func TestQuestionsOvertaken(t *testing.T) {
	t.Parallel()
	for what, now := range map[string]struct {
		do   func(w *world, ref string)
		left []string
	}{
		"answered":  {func(w *world, ref string) { w.take("information "+ref, w.answer(ref, "Dr Lowe signed it.")) }, nil},
		"withdrawn": {func(w *world, ref string) { w.take("withdrawal "+ref, w.answer(ref, "WITHDRAW")) }, nil},
		"lapsed":    {func(w *world, _ string) { w.now = w.now.Add(30 * day); w.sweep() }, nil},
		"still to be answered": {func(w *world, _ string) { w.now = w.now.Add(time.Hour); w.sweep() },
			[]string{"question > " + corner}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			w.delivered()
			w.take("decision "+a.Ref, reply(a, asha, "INFO who signed?"))
			same(t, "asked", 1, w.waiting()["question > "+corner])
			now.do(w, a.Ref)
			var left []string
			for letter := range w.waiting() {
				if strings.HasPrefix(letter, "question") {
					left = append(left, letter)
				}
			}
			same(t, "still asked", now.left, left)
		})
	}
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "We need an exception, please."})
	first := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00001", reply(first, corner, "Reason: secure location"))
	same(t, "forms", 1, w.waiting()["incomplete > "+corner])
}

// TestSentIsNotOvertaken: what has arrived stays as it is.
func TestSentIsNotOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	for _, days := range []int{150, 166, 180} {
		w.delivered()
		w.now = noon.AddDate(0, 0, days)
		w.sweep()
	}
	same(t, "to the site", []string{"warning sent", "warning sent", "ended queued"}, w.states(intake.LetterWarning, intake.LetterEnded))
	w.events("LT-2026-00001", "complete", "approve", "warning", "warning", "ended")
}

// TestNoWarningBeforeTheSweep: after a time in which nothing ran, a warning that waits is not sent before it
// is known whether it still holds.
func TestNoWarningBeforeTheSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	must(w.Done(t.Context(), "Sal", 1))(t)
	w.delivered()
	w.now = noon.Add(150 * day)
	w.sweep()
	due := func() (out []string) {
		for _, o := range must(w.store.Due(t.Context(), w.now, 9))(t) {
			out = append(out, fmt.Sprint(o.Template, " > ", o.To))
		}
		return out
	}
	same(t, "due", []string{"warning > " + corner, "warning > " + sam}, due())
	w.now = noon.Add(181 * day)
	same(t, "due after half a year", []string(nil), due())
	w.sweep()
	same(t, "due after the sweep", []string{"ended > " + corner, "ended > " + sam}, due()[:2])
}

// TestBouncedAfterLaterNotice: a warning that comes back goes to nobody else once something later was
// written.
func TestBouncedAfterLaterNotice(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(w *world){
		"revoked": func(w *world) { must(w.RevokeByHand(w.t.Context(), "LT-2026-00001", "left", "Olu"))(w.t) },
		"renewed": func(w *world) {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		},
		"warned again": func(w *world) {
			w.now = noon.Add(166 * day)
			w.sweep()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.approved()
			w.now = noon.Add(150 * day)
			w.sweep()
			warning := w.expect("warning > "+corner, "warning > "+sam)[0]
			w.delivered()
			then(w)
			w.sent()
			w.take("ignored(bounce) LT-2026-00001", bounceOf(warning, "5.1.1"))
			w.alerts(w.expect("alert bounce > " + ops)[0], "a later notice has been written")
		})
	}
}

// TestUserUnreachable: where a user's address takes no mail, the site is asked to tell them, once for each
// exception, and the operator is told each time.
func TestUserUnreachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.delivered()
	w.now = noon.Add(150 * day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+sam)[1]
	w.delivered()
	w.take("ignored(bounce) LT-2026-00001", bounceOf(warning, "5.1.1"))
	l := w.expect("alert bounce > "+ops, "unreachable > "+corner)
	w.alerts(l[0], "To: "+sam, "The site, at "+corner+", is asked to tell the user")
	same(t, "about", sam+" until "+noon.Add(180*day).String(), l[1].Facts.User.Email+" until "+l[1].Facts.Ends.String())
	w.now = noon.Add(166 * day)
	w.sweep()
	warning = w.expect("warning > "+corner, "warning > "+sam)[1]
	ok(t, w.GiveUp(t.Context(), warning.ID, intake.Refusal{Text: "no such user", Recipient: true, Status: "5.1.1"}))
	w.alerts(w.expect("alert undelivered > " + ops)[0], "The site was told before")

	must(w.Grant(t.Context(), kim, "no-signal", "", ""))(t) // no site that could be asked
	w.take("ignored(bounce) ST-2026-00001", bounceOf(w.expect("granted > " + kim)[0], "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "Tell the recipient another way")
}

// TestQuestionAgain: a site that does not answer is asked again, once, half way to the lapse, and each new
// question begins anew.
func TestQuestionAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO who signed the letter?"))
	q := w.expect("question > " + corner)[0]
	w.now = noon.Add(7*day - 1e9)
	w.sweep()
	w.expect()
	w.now = noon.Add(7 * day)
	w.sweep()
	again := w.expect("question > " + corner)[0]
	same(t, "what was asked", "who signed the letter?", again.Facts.Said)
	same(t, "by whom, and when", "Asha Patel "+noon.String(), again.Facts.By+" "+again.Facts.At.String())
	same(t, "by when", noon.Add(14*day), again.Facts.Ends)
	same(t, "in the same conversation", q.MessageID, again.References[len(again.References)-1])
	for range 6 {
		w.now = w.now.Add(day)
		w.sweep()
	}
	w.expect()
	w.take("information "+a.Ref, reply(again, corner, "Dr May did.")) // which counts as before
	r := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("decision "+a.Ref, reply(r[0], asha, "INFO and when?"))
	w.expect("question > " + corner)
	w.now = w.now.Add(10 * day)
	w.sweep()
	same(t, "what was asked", "and when?", w.expect("question > " + corner)[0].Facts.Said)
	w.now = w.now.Add(4 * day)
	w.sweep()
	w.expect("lapsed > "+corner, "decided > "+asha, "decided > "+ben)
	w.events(a.Ref, "complete", "ask", "remind-site", "answer", "ask", "remind-site", "lapse")
}

// TestNothingMoreOfAJoinedRequest: a site that answers the form with a user who was asked for meanwhile is not asked for
// more, although nobody could be sent anything when it was to be.
func TestNothingMoreOfAJoinedRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "We need an exception, please."})
	first := w.expect("incomplete > " + corner)[0]
	w.delivered()
	w.now = w.now.Add(8 * day)
	w.sweep()
	again := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	w.take("information LT-2026-00002", reply(first, corner, asked))
	w.inState("LT-2026-00001", intake.Withdrawn)
	o := must(w.store.OutboundByID(t.Context(), again.ID))(t)
	same(t, "the letter", []string{"failed", intake.Overtaken}, []string{string(o.State), o.LastError})
}

// TestFormAgain: so it is with the form, and what was missed in a time when nothing ran is not made up for.
func TestFormAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "A colleague needs an exception."})
	w.expect("incomplete > " + corner)
	w.now = noon.Add(8 * day)
	w.sweep()
	again := w.expect("incomplete > " + corner)[0]
	same(t, "missing", []string{"user", "reason", "evidence"}, again.Facts.Missing)
	same(t, "asked before", true, again.Facts.Again)
	w.take("request LT-2026-00001", reply(again, corner, form("", "accessibility")))
	w.expect("incomplete > " + corner)
	w.now = w.now.Add(20 * day)
	w.sweep()
	w.expect("lapsed > " + corner)
}
