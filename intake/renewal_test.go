package intake_test

import (
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
)

// warned makes an exception that has been warned of, and returns the warning to the site.
func (w *world) warned() intake.Outbound {
	w.t.Helper()
	w.approved()
	w.delivered()
	w.now = w.now.Add(150 * day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+sam)[0]
	w.delivered()
	return warning
}

// renewing is warned, and a renewal that waits for a decision.
func (w *world) renewing() (warning, toReviewer, receipt intake.Outbound) {
	w.t.Helper()
	warning = w.warned()
	w.take(fmt.Sprintf("renewal LT-2026-%05d", w.count()+1), reply(warning, corner, "Please renew.", pdf(w.now.String())))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	w.delivered()
	return warning, l[0], l[2]
}

// TestWarningAnsweredWithoutEvidence: the site is told what a renewal needs, within the caps, and a person
// reads what it wrote.
func TestWarningAnsweredWithoutEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(5)) // three at once
	warning := w.warned()
	e := reply(warning, corner, "Yes please, Sam still needs it.")
	w.take("information LT-2026-00001", e)
	l := w.expect("need-evidence > "+corner, "alert site-wrote > "+ops)
	same(t, "answers", fmt.Sprintf("m%d@sender.test", w.uid), l[0].AnswersTo)
	same(t, "ends", noon.Add(180*day), l[0].Facts.Ends)
	w.alerts(l[1], "Active until", "The site was told that a renewal needs new evidence")
	same(t, "said", "Yes please, Sam still needs it.", l[1].Facts.Said)

	w.take("information LT-2026-00001", reply(warning, corner, "It is attached.", "")) // an empty file
	l = w.expect("need-evidence > "+corner, "alert site-wrote > "+ops)
	if len(l[0].Facts.Evidence) != 1 || l[0].Facts.Evidence[0].Why == "" {
		t.Errorf("the site is told of its file: %+v", l[0].Facts.Evidence)
	}
	for range 5 {
		w.take("information LT-2026-00001", e)
	}
	answers := 0
	for _, o := range w.sent() {
		if o.Template == intake.LetterNeedEvidence {
			answers++
		}
	}
	same(t, "answers that it had twice already", 0, answers)
	w.take("information LT-2026-00001", reply(warning, corner, "Thank you!"))
	w.expect()

	w.now = noon.Add(180 * day) // it is over
	w.sweep()
	ended := w.expect("ended > "+corner, "ended > "+sam)[0]
	w.take("information LT-2026-00001", reply(ended, corner, "We still need it."))
	w.expect("alert site-wrote > "+ops, "passed-on > "+corner)
}

// TestApprovedAnsweredWithoutEvidence: nobody who has not been warned is told of renewals.
func TestApprovedAnsweredWithoutEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, _ := w.approved()
	w.take("information LT-2026-00001", reply(l, corner, "Does it hold for Kim too?"))
	w.expect("alert site-wrote > "+ops, "passed-on > "+corner)
}

// TestWhileRenewing: notices of an exception say that a renewal is asked for, and what the site writes about
// them goes to the reviewers.
func TestWhileRenewing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	warning, toReviewer, receipt := w.renewing()
	same(t, "receipt: runs until", noon.Add(180*day), receipt.Facts.Runs)
	same(t, "review: runs until", noon.Add(180*day), toReviewer.Facts.Runs)
	w.take("information LT-2026-00002", reply(warning, corner, "Dr May can tell you more."))
	same(t, "said", "Dr May can tell you more.", w.expect("information > "+asha, "information > "+ben)[0].Facts.Said)
	w.take("information LT-2026-00001", reply(warning, corner, "Thanks!"))
	w.expect()

	w.now = noon.Add(166 * day)
	w.sweep()
	for _, l := range w.expect("warning > "+corner, "warning > "+sam, "reminder > "+asha, "reminder > "+ben,
		"alert undecided > "+ops)[:2] {
		same(t, "renewal", "LT-2026-00002 pending", l.Facts.Renewal+" "+l.Facts.Decision)
	}
	w.delivered()
	w.take("decision LT-2026-00002", reply(toReviewer, asha, "INFO who signed?"))
	same(t, "question: runs until", noon.Add(180*day), w.expect("question > " + corner)[0].Facts.Runs)
	w.now = noon.Add(173 * day)
	w.sweep()
	l := w.expect("question > "+corner, "warning > "+corner, "warning > "+sam) // asked again after 7 days
	same(t, "asked again", true, l[0].Facts.Again)
	same(t, "renewal", "LT-2026-00002 needs-info", l[1].Facts.Renewal+" "+l[1].Facts.Decision)
	w.take("information LT-2026-00002", reply(l[1], corner, "Dr May signed."))
	w.expect(toAsha, toBen, "receipt > "+corner)
}

// TestRenewalNotGranted: whatever becomes of a renewal, the exception runs to its end, and the site and the user are told
// so with the day. Why, the site reads.
func TestRenewalNotGranted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		why, template string
		state         intake.State
		then          func(w *world, warning, toReviewer, receipt intake.Outbound)
	}{
		"rejected": {" reviewer", "rejected", intake.Rejected, func(w *world, _, r, _ intake.Outbound) {
			w.take("decision LT-2026-00002", reply(r, asha, "REJECT unsigned"))
		}},
		"withdrawn": {"", "withdrawn", intake.Withdrawn, func(w *world, _, _, s intake.Outbound) {
			w.take("withdrawal LT-2026-00002", reply(s, corner, "WITHDRAW"))
		}},
		"withdrawn by a warning": {"", "withdrawn", intake.Withdrawn, func(w *world, s, _, _ intake.Outbound) {
			w.take("withdrawal LT-2026-00002", reply(s, corner, "WITHDRAW"))
		}},
		"closed": {" closed", "withdrawn", intake.Withdrawn, func(w *world, _, _, _ intake.Outbound) {
			must(w.Close(w.t.Context(), "LT-2026-00002", "They rang.", "Olu"))(w.t)
		}},
		"lapsed": {"", "lapsed", intake.Lapsed, func(w *world, _, r, _ intake.Outbound) {
			w.take("decision LT-2026-00002", reply(r, asha, "INFO who signed?"))
			w.now = w.now.Add(14 * day)
			w.delivered()
			w.sent()
			w.sweep()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			warning, toReviewer, receipt := w.renewing()
			c.then(w, warning, toReviewer, receipt)
			l := w.expect(c.template+c.why+" > "+corner, "not-renewed"+c.why+" > "+sam,
				"decided"+c.why+" > "+asha, "decided"+c.why+" > "+ben)
			same(t, "runs until", noon.Add(180*day), l[0].Facts.Runs)
			user := l[1].Facts
			same(t, "to the user: runs until", noon.Add(180*day), user.Runs)
			same(t, "to the user: of what", "LT-2026-00002 "+string(c.state)+" for LT-2026-00001",
				user.Renewal+" "+user.Decision+" for "+l[1].Ref)
			same(t, "to the user: in time until", true, !user.RenewBy.IsZero() && user.RenewBy.Before(user.Runs))
			same(t, "to the user: nobody's words", "", user.Said+user.By)
			same(t, "state", intake.Active, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).StateAt(w.now))
			w.now = noon.Add(180 * day)
			w.sweep()
			same(t, "renewal", "", w.expect("ended > "+corner, "ended > "+sam)[0].Facts.Renewal)
		})
	}
}

// TestRenewalsRejectedAtOnce: where all that a site asks for is rejected, the user of each exception is told that it goes on.
func TestRenewalsRejectedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.renewing()
	must(w.DecideSite(t.Context(), desk.SiteByHand{Site: "FA001", Verb: "reject", Text: "Somebody else uses your mailbox", As: asha}))(t)
	l := w.expect("rejected-all > "+corner, "not-renewed reviewer > "+sam, "decided-all > "+asha, "decided-all > "+ben)
	same(t, "runs until", noon.Add(180*day), l[1].Facts.Runs)
}

// TestRenewalNotGrantedAfterTheEnd: a user who read at the end that a renewal was asked for is told that there will be none.
func TestRenewalNotGrantedAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, toReviewer, _ := w.renewing()
	w.now = noon.Add(180 * day)
	w.sweep()
	w.sent()
	w.take("decision LT-2026-00002", reply(toReviewer, asha, "REJECT unsigned"))
	l := w.expect("rejected reviewer > "+corner, "not-renewed reviewer > "+sam, "decided reviewer > "+asha, "decided reviewer > "+ben)
	same(t, "nothing runs", time.Time{}, l[1].Facts.Runs)
}

// TestRenewalTooLate: where the exception is over before its renewal is decided, the reviewers are told,
// their review emails hold, and an approval starts anew.
func TestRenewalTooLate(t *testing.T) {
	t.Parallel()
	for _, as := range []intake.ExceptionState{intake.Ended, intake.Revoked} {
		t.Run(string(as), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, toReviewer, receipt := w.renewing()
			var l []intake.Outbound
			if as == intake.Ended {
				w.now = noon.Add(180 * day)
				w.sweep()
				l = w.expect("renewal-late ended > "+asha, "renewal-late ended > "+ben, "ended > "+corner, "ended > "+sam,
					"reminder > "+asha, "reminder > "+ben, "alert undecided > "+ops)
				same(t, "the site reads", "LT-2026-00002 pending", l[2].Facts.Renewal+" "+l[2].Facts.Decision)
			} else {
				must(w.RevokeByHand(t.Context(), "LT-2026-00001", "found a way", "Olu"))(t)
				l = w.expect("renewal-late revoked > "+asha, "renewal-late revoked > "+ben, "revoked > "+corner, "revoked > "+sam,
					"decided > "+asha, "decided > "+ben)
				same(t, "why", "found a way by Olu", l[0].Facts.Said+" by "+l[0].Facts.By)
			}
			same(t, "about", "LT-2026-00002 for LT-2026-00001", l[0].Ref+" for "+l[0].Facts.Renews)
			w.take("information LT-2026-00002", reply(receipt, corner, "One more letter.", pdf("more")))
			r := w.expect(toAsha, toBen, "receipt > "+corner)
			same(t, "nothing runs", time.Time{}, r[0].Facts.Runs)
			same(t, "the old review email", intake.WhySuperseded,
				w.take("refused(superseded) LT-2026-00002", reply(toReviewer, asha, "APPROVE")).Reason)
			w.sent()
			w.directory = nil
			w.now = noon.Add(185 * day)
			w.take("decision LT-2026-00002", reply(r[0], asha, "APPROVE"))
			w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)
			e := must(w.store.Exception(t.Context(), "LT-2026-00002"))(t)
			same(t, "period", w.now.String()+" "+w.now.Add(180*day).String(), e.StartsAt.String()+" "+e.EndsAt.String())
			same(t, "exempt anew", []string{"Exempt " + sam + " from MFA now"}, w.directory)
			same(t, "the old one", as, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).State)
		})
	}
}

// TestRenewalChain: the reviewers of a second renewal see what happened to the first exception in brief, and
// to the one that is renewed.
func TestRenewalChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, toReviewer, _ := w.renewing()
	w.take("decision LT-2026-00002", reply(toReviewer, asha, "APPROVE"))
	l := w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)
	same(t, "takes the place of", "LT-2026-00001", l[0].Facts.Renews)
	first, second := must(w.store.Exception(t.Context(), "LT-2026-00001"))(t), must(w.store.Exception(t.Context(), "LT-2026-00002"))(t)
	same(t, "no gap, and 180 days from the decision", first.ClosedAt.Add(180*day), second.EndsAt)
	w.delivered()
	w.now = second.EndsAt.Add(-day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+sam)[0]
	w.take("renewal LT-2027-00001", reply(warning, corner, "And again.", pdf("the third")))
	var got []string
	for _, h := range w.expect(toAsha, toBen, "receipt > "+corner)[0].Facts.History {
		got = append(got, h.Ref+" "+h.Event)
	}
	same(t, "history", []string{"LT-2026-00001 approved", "LT-2026-00001 the exception was superseded",
		"LT-2026-00002 the site asked for it",
		"LT-2026-00002 approved", "LT-2026-00002 the user and the site were warned of the end"}, got)
}

// TestByHand: without a directory letters say that a person makes the change, unless the user is exempt
// already.
func TestByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byHand := func(o intake.Outbound) bool { return must(w.WithDirectory(t.Context(), o))(t).Facts.ByHand }
	first, _ := w.approved()
	same(t, "the first approval", true, byHand(first))
	must(w.Done(t.Context(), "Olu", 1))(t)
	w.expect("applied > "+corner, "applied > "+sam)
	same(t, "the first approval, later", false, byHand(first))
	w.take("renewal LT-2026-00002", reply(first, corner, "Again, please.", pdf("second")))
	review := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	same(t, "a review", false, byHand(review))
	w.take("decision LT-2026-00002", reply(review, asha, "APPROVE"))
	second := w.expect("approved > "+corner, "decided > "+asha, "approved > "+sam, "decided > "+ben)[0]
	same(t, "the renewal", false, byHand(second))
	must(w.RevokeByHand(t.Context(), "LT-2026-00002", "found", "Olu"))(t)
	same(t, "the end", true, byHand(w.expect("revoked > "+corner, "revoked > "+sam, "decided > "+asha, "decided > "+ben)[0]))
}

// TestRenewalAnsweredAfterTheEnd: a site that is told of the end while its renewal waits for it can still answer what it was asked.
func TestRenewalAnsweredAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, toReviewer, _ := w.renewing()
	w.now = noon.Add(175 * day)
	w.sweep()
	w.sent()
	w.delivered()
	w.take("decision LT-2026-00002", reply(toReviewer, asha, "INFO who signed?"))
	question := w.expect("question > " + corner)[0]
	w.now = noon.Add(180 * day)
	w.sweep()
	w.delivered()
	l := w.expect("ended > "+corner, "ended > "+sam, "renewal-late ended > "+asha, "renewal-late ended > "+ben)
	same(t, "what it reads", "LT-2026-00002 needs-info", l[0].Facts.Renewal+" "+l[0].Facts.Decision)
	w.take("information LT-2026-00002", reply(question, corner, "Dr May signed."))
	again := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("decision LT-2026-00002", reply(again[0], asha, "APPROVE"))
	same(t, "a new exception", w.now.Add(180*day), must(w.store.Exception(t.Context(), "LT-2026-00002"))(t).EndsAt)
}
