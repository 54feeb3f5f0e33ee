package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
)

// leigh is the right address of sam.
const leigh = "sam.leigh@corner.test"

// unreachable makes an exception of sam, lets the letter to him come back, and returns what the site was asked.
func (w *world) unreachable() intake.Outbound {
	w.t.Helper()
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	toSam := w.expect("approved > "+corner, "decided > "+asha, "approved > "+sam, "decided > "+ben)[2]
	w.take("ignored(bounce) "+a.Ref, bounceOf(toSam, "5.1.1"))
	return w.expect("alert bounce > "+ops, "unreachable > "+corner)[1]
}

// active lists the users with an active exception.
func (w *world) active() (users []string) {
	w.t.Helper()
	for _, e := range must(w.store.Exceptions(w.t.Context()))(w.t) {
		if e.StateAt(w.now) == intake.Active {
			users = append(users, e.User.Email)
		}
	}
	slices.Sort(users)
	return users
}

// TestCorrectedBefore: the site puts the address right while reviewers decide. They are asked anew, with the change
// shown; what was sent before decides nothing.
func TestCorrectedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Sorry, a typo: it should be "+leigh+" and not "+sam+"."))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	for _, letter := range l {
		same(t, "user", intake.User{Email: leigh, Name: "Sam Lee"}, letter.Facts.User)
		same(t, "wrong", sam, letter.Facts.Corrected)
	}
	same(t, "changed", []string{"user"}, l[0].Facts.Changed)
	same(t, "requests", 1, w.count())
	same(t, "evidence", 1, len(w.inState(a.Ref, intake.Pending).Counting()))
	w.events(a.Ref, "complete", "correct")

	w.take("refused(superseded) "+a.Ref, reply(b, ben, "APPROVE"))
	w.expect("not-understood superseded > " + ben)
	same(t, "exempt", []string(nil), w.active())
	w.take("decision "+a.Ref, reply(l[0], asha, "APPROVE"))
	w.expect("approved > "+corner, "decided > "+asha, "approved > "+leigh, "decided > "+ben)
	same(t, "exempt", []string{leigh}, w.active())
}

// TestCorrectedWithEvidence: what comes with the right address is evidence too.
func TestCorrectedWithEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "The address is wrong, it is "+leigh+". A better letter is "+
		"attached.", pdf("better")))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "changed", []string{"user", "evidence"}, l[0].Facts.Changed)
	same(t, "attached", 2, len(l[0].Attach))
	same(t, "evidence", 2, len(w.inState(a.Ref, intake.Pending).Counting()))

	w = newWorld(t)
	asked := w.unreachable()
	w.take("information LT-2026-00002", reply(asked, corner, "It is "+leigh+". The letter has the right one.", pdf("better")))
	w.expect("alert correct > "+ops, toAsha, toBen, "receipt > "+corner)
	same(t, "evidence", 2, len(w.inState("LT-2026-00002", intake.Pending).Counting()))
	same(t, "evidence of before", 1, len(w.inState("LT-2026-00001", intake.Approved).Counting()))
}

// TestCorrectedWhileAsked: it is an answer to a reviewer's question too.
func TestCorrectedWhileAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO is the address right?"))
	question := w.expect("question > " + corner)[0]
	w.take("information "+a.Ref, reply(question, corner, "No, the correct address is "+leigh))
	w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "user", leigh, w.inState(a.Ref, intake.Pending).User.Email)
	w.events(a.Ref, "complete", "ask", "correct")
}

// TestCorrectedAfterOneApproval: an approval for the wrong address does not count for the right one.
func TestCorrectedAfterOneApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, receipt := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect()
	w.take("information "+a.Ref, reply(receipt, corner, "The address is wrong. It is "+leigh))
	fresh := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("refused(superseded) "+a.Ref, reply(b, ben, "APPROVE"))
	w.expect("not-understood superseded > " + ben)
	w.take("decision "+a.Ref, reply(fresh[1], ben, "APPROVE"))
	w.expect()
	same(t, "exempt", []string(nil), w.active())
	w.take("decision "+a.Ref, reply(fresh[0], asha, "APPROVE"))
	same(t, "exempt", []string{leigh}, w.active())
}

// TestCorrectedAtOnce: an approval that comes first decides for the old address, and the correction then goes to a
// person; of a correction that comes first, the approval decides nothing.
func TestCorrectedAtOnce(t *testing.T) {
	t.Parallel()
	for _, approvedFirst := range []bool{true, false} {
		w := newWorld(t)
		a, _, receipt := w.pending()
		both := []intake.Arrival{w.arrival(reply(a, asha, "APPROVE")),
			w.arrival(reply(receipt, corner, "The address is wrong. It is "+leigh))}
		want := []string{sam}
		if !approvedFirst {
			slices.Reverse(both)
			want = nil
		}
		w.takeAll(both...)
		same(t, "exempt", want, w.active())
	}
}

// TestNotCorrected: what names another address and does not put it right changes nothing. In doubt the site is asked.
func TestNotCorrected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, asks string }{
		{"Also for bob.wood@corner.test please, he has the same trouble.", ""},
		{"My mistake, bob.wood@corner.test should have been on the list as well.", ""},
		{"The address is wrong: it is either sam.l@corner.test or sam.lee2@corner.test", "address > " + corner},
		{"Sorry, wrong address: it is " + leigh + "\n\nAnn Wood\nann.wood@corner.test", "address > " + corner},
		{"If the address is wrong, please contact ann.wood@corner.test", "address > " + corner},
		{"The correct address is " + corner, ""},
		{"The correct address is eyes@bright.test", ""},
		{"Jo works with bob.wood@corner.test", ""},
	} {
		w := newWorld(t)
		a, _, receipt := w.pending()
		w.take("information "+a.Ref, reply(receipt, corner, c.text))
		want := []string{"information > " + asha, "information > " + ben}
		if c.asks != "" {
			want = append(want, c.asks)
		}
		w.expect(want...)
		same(t, c.text, sam, w.inState(a.Ref, intake.Pending).User.Email)
		w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		same(t, c.text, []string{sam}, w.active())
	}
}

// TestCorrectedWhenAsked: where the site's words are in doubt it is asked which address is right, and the answer
// needs no more than that.
func TestCorrectedWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "I think the address should be "+leigh))
	question := w.expect("information > "+asha, "information > "+ben, "address > "+corner)[2]
	w.take("information "+a.Ref, reply(question, corner, leigh))
	w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "user", leigh, w.inState(a.Ref, intake.Pending).User.Email)
}

// TestCorrectedByOthers: only the site's answer to a letter of ours puts anything right.
func TestCorrectedByOthers(t *testing.T) {
	t.Parallel()
	const words = "The address is wrong. It should be " + leigh
	w := newWorld(t)
	a, _, receipt := w.pending()
	named := email{from: corner, subject: "[" + a.Ref + "] " + a.Ref, text: words}
	w.take("information "+a.Ref, named) // whoever wrote to the site may have chosen the subject
	asked := w.expect("belongs > " + corner)[0]
	same(t, "user", sam, w.inState(a.Ref, intake.Pending).User.Email)

	foreign := named
	foreign.answers = []string{receipt.MessageID, "mallory@elsewhere.test"}
	foreign.text += "!"
	w.take("information "+a.Ref, foreign)
	w.expect("belongs > " + corner)
	w.take("refused(not-registered)", reply(receipt, stranger, words))
	w.sent()
	w.judge.unproven[corner] = true
	w.take("quarantined(unauthenticated)", reply(receipt, corner, words+"."))
	w.sent()
	delete(w.judge.unproven, corner)
	w.takeAll(w.arrival(reply(receipt, bright, words)))
	w.sent()
	same(t, "user", sam, w.inState(a.Ref, intake.Pending).User.Email)

	w.take("information "+a.Ref, reply(asked, corner, "Yes"))
	w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "user", leigh, w.inState(a.Ref, intake.Pending).User.Email)
}

// TestCorrectedToOneWithARequest: reviewers decide only once about one user of a site.
func TestCorrectedToOneWithARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.asksFor(leigh)
	w.sent()
	w.take("information LT-2026-00002", reply(receipt, corner, "The address is wrong, it is "+leigh))
	w.inState(a.Ref, intake.Withdrawn)
	w.inState("LT-2026-00002", intake.Pending)
	for _, o := range w.sent() {
		if o.Ref != a.Ref && o.Ref != "LT-2026-00002" {
			t.Errorf("a letter %s about %s", o.Template, o.Ref)
		}
	}
	same(t, "requests", 2, w.count())
}

// TestCorrectedOften: each correction has the reviewers asked, so a day allows few.
func TestCorrectedOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	for i := range 12 {
		w.take("information "+a.Ref, reply(receipt, corner, "The address is wrong, it is sam.lee"+strings.Repeat("e", i+1)+"@corner.test"))
	}
	asked, left := 0, 0
	for _, o := range w.sent() {
		if o.Template == intake.LetterReview && o.To == asha {
			asked++
		}
		if o.Facts.Why == intake.Why(intake.AlertCorrect) {
			left++
		}
	}
	if asked > 6 || left == 0 {
		t.Errorf("asha was asked %d times, and the operator told %d times", asked, left)
	}
}

// TestCorrectedAfter: the answer to the letter that asks for the right address has the reviewers asked for it, on
// the same evidence. With their approval the exception of the wrong address ends.
func TestCorrectedAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.unreachable()
	w.take("information LT-2026-00002", reply(asked, corner, "So sorry, that's a typo. It is "+leigh))
	l := w.expect("alert correct > "+ops, toAsha, toBen, "receipt > "+corner)
	w.alerts(l[0], "Wrong, as it says: "+sam, "Right: "+leigh, "mfabot revoke LT-2026-00001 REASON --as NAME", "LT-2026-00002")
	for _, letter := range l[1:] {
		same(t, "wrong", sam, letter.Facts.Corrected)
		same(t, "exception", "LT-2026-00001", letter.Facts.Corrects)
	}
	same(t, "attached", 1, len(l[1].Attach))
	same(t, "exempt", []string{sam}, w.active())

	// Once more, with the same address and with another.
	w.take("information LT-2026-00002", reply(asked, corner, "It is "+leigh+"!"))
	w.expect("information > "+asha, "information > "+ben, "receipt > "+corner)
	w.take("information LT-2026-00002", reply(asked, corner, "No, it is sam.ley@corner.test"))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "wrong", sam, l[0].Facts.Corrected)

	w.take("decision LT-2026-00002", reply(l[1], ben, "APPROVE"))
	w.expect("approved > sam.ley@corner.test", "approved > "+corner, "decided > "+asha, "decided > "+ben,
		"revoked corrected > "+corner, "decided corrected > "+asha)
	same(t, "exempt", []string{"sam.ley@corner.test"}, w.active())
	w.events("LT-2026-00001", "complete", "approve", "undelivered", "correct", "revoke")
}

// TestCorrectedAfterByPerson: of its own accord a site may mean something else. A person gets the commands.
func TestCorrectedAfterByPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	toSite, _ := w.approved()
	w.take("information LT-2026-00001", reply(toSite, corner, "This went to the wrong person. The address should be "+leigh))
	l := w.expect("alert correct > "+ops, "address already-decided > "+corner)
	w.alerts(l[0], "mfabot correct LT-2026-00001 --user "+leigh+" --as NAME", "mfabot revoke LT-2026-00001 REASON --as NAME")
	same(t, "address that we read", leigh, l[1].Facts.Right)
	same(t, "requests", 1, w.count())

	// Sam takes mail, and hears that his exception ends.
	must(w.Correct(t.Context(), "LT-2026-00001", desk.Right{User: intake.User{Email: leigh}}, "Ops"))(t)
	fresh := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("decision LT-2026-00002", reply(fresh[0], asha, "APPROVE"))
	w.expect("approved > "+leigh, "approved > "+corner, "decided > "+asha, "decided > "+ben,
		"revoked corrected > "+corner, "revoked corrected > "+sam, "decided corrected > "+ben)
	same(t, "exempt", []string{leigh}, w.active())
}

// TestCorrectedTooLate: once the exception is over there is nothing to put right, and a person reads it.
func TestCorrectedTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.unreachable()
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Ops"))(t)
	w.sent()
	w.takeAll(w.arrival(reply(asked, corner, "It is "+leigh)))
	same(t, "exempt", []string(nil), w.active())
	if _, err := w.Correct(t.Context(), "LT-2026-00001", desk.Right{User: intake.User{Email: leigh}}, "Ops"); err == nil {
		t.Error("the address of an exception that is over was put right")
	}
}

// TestShortTermCorrected: who granted a short-term exception on the telephone grants it again.
func TestShortTermCorrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "no-signal", "FA001", ""))(t)
	l := w.expect("granted > "+corner, "granted > "+sam)
	w.take("ignored(bounce) ST-2026-00001", bounceOf(l[1], "5.1.1"))
	asked := w.expect("alert bounce > "+ops, "unreachable > "+corner)[1]
	w.take("information ST-2026-00001", reply(asked, corner, leigh))
	alert := w.expect("alert correct > "+ops, "address already-decided > "+corner)[0]
	w.alerts(alert, "mfabot grant --user "+leigh+" --reason no-signal --site FA001 --as NAME", "mfabot revoke ST-2026-00001")
	same(t, "requests", 0, w.count())
}

// TestShortTermAndRequestCorrected: the request that is open for the same user is put right as well.
func TestShortTermAndRequestCorrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	must(w.Grant(t.Context(), sam, "no-signal", "FA001", ""))(t)
	l := w.expect("granted > "+corner, "granted > "+sam)
	w.take("ignored(bounce) ST-2026-00001", bounceOf(l[1], "5.1.1"))
	asked := w.expect("alert bounce > "+ops, "unreachable > "+corner)[1]
	w.take("information "+a.Ref, reply(asked, corner, leigh))
	w.expect("alert correct > "+ops, "address already-decided > "+corner, toAsha, toBen, "receipt > "+corner)
	same(t, "user", leigh, w.inState(a.Ref, intake.Pending).User.Email)
}

// TestCorrectedWhileRenewed: a renewal is for the address of its exception, so that a person sees to both.
func TestCorrectedWhileRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.unreachable()
	w.take("renewal LT-2026-00002", w.answer("LT-2026-00001", "Please renew it.", pdf("second")))
	receipt := w.expect(toAsha, toBen, "receipt > "+corner)[2]
	w.take("information LT-2026-00001", reply(asked, corner, "The address is "+leigh))
	w.expect("alert correct > "+ops, "address already-decided > "+corner)
	w.take("information LT-2026-00002", reply(receipt, corner, "The address is wrong, it is "+leigh))
	alert := w.expect("alert correct > "+ops, "address already-decided > "+corner, "information > "+asha, "information > "+ben)[0]
	w.alerts(alert, "mfabot correct LT-2026-00001 --user "+leigh)
	same(t, "user", sam, w.inState("LT-2026-00002", intake.Pending).User.Email)
}

// TestReviewerRefuses: a reviewer whose mailbox refuses a letter for good is away, and the deputy is asked at once,
// until the reviewer writes.
func TestReviewerRefuses(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(w *world, o intake.Outbound){
		"a report": func(w *world, o intake.Outbound) { w.take("ignored(bounce) "+o.Ref, bounceOf(o, "5.1.1")) },
		"the server": func(w *world, o intake.Outbound) {
			ok(w.t, w.GiveUp(w.t.Context(), o.ID, intake.Refusal{Text: "550 5.1.1", Recipient: true, Status: "5.1.1"}))
		},
	} {
		w := newWorld(t, withCleo)
		a, _, _ := w.pending()
		refuse(w, a)
		alert := "alert bounce > " + ops
		if name == "the server" {
			alert = "alert undelivered > " + ops
		}
		l := w.expect(alert, "review away > "+cleo)
		w.alerts(l[0], "To: "+asha, "They count as away", "mfabot delegate "+asha+" --end --as NAME")
		w.take("decision "+a.Ref, reply(l[1], cleo, "APPROVE"))
		w.sent()
		same(t, name, []string{sam}, w.active())

		w.now = w.now.Add(time.Hour)
		w.take("refused(already-decided) "+a.Ref, reply(a, asha, "APPROVE"))
		w.sent()
		w.take("ignored(bounce) "+a.Ref, bounceOf(a, "5.1.1")) // of before she came back
		w.asksFor(kim)
		w.later(20 * time.Minute)
		for _, o := range w.sent() {
			if o.To == cleo {
				t.Errorf("%s: cleo got %s after asha was back", name, o.Template)
			}
		}
	}
}

// TestReviewerRefusesNot: nothing but a refusal for good of a letter of now to a reviewer says that they are away.
func TestReviewerRefusesNot(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(w *world, a, receipt intake.Outbound){
		"for now":    func(w *world, a, _ intake.Outbound) { w.takeAll(w.arrival(report(a, "delayed", "4.4.1"))) },
		"to another": func(w *world, a, _ intake.Outbound) { a.To = ben; w.takeAll(w.arrival(bounceOf(a, "5.1.1"))) },
		"the site's": func(w *world, _, r intake.Outbound) { w.takeAll(w.arrival(bounceOf(r, "5.1.1"))) },
		"kept": func(w *world, a, _ intake.Outbound) {
			w.now = w.now.Add(5 * day)
			w.takeAll(w.arrival(bounceOf(a, "5.1.1")))
		},
		"in a site's mailbox": func(w *world, a, _ intake.Outbound) {
			e := bounceOf(a, "5.1.1")
			e.box = "own"
			w.takeAll(w.arrival(e))
		},
		"no recipient": func(w *world, a, _ intake.Outbound) {
			ok(w.t, w.GiveUp(w.t.Context(), a.ID, intake.Refusal{Text: "554 too busy"}))
		},
	} {
		w := newWorld(t, withCleo)
		a, _, receipt := w.pending()
		try(w, a, receipt)
		for _, o := range w.sent() {
			if o.To == cleo {
				t.Errorf("%s: the deputy got %s", name, o.Template)
			}
		}
		same(t, name, 0, len(must(w.store.Absences(t.Context()))(t)))
	}
}

// TestCorrectedToSomebodyElse: words about another person change no user, whatever a correction would say; the site is
// asked which address is right.
func TestCorrectedToSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"That should have been in the letter, sorry. It is dr.patel@corner.test.",
		"The right person for this evidence is dr.patel@corner.test.",
	} {
		w := newWorld(t)
		a, _, receipt := w.pending()
		w.take("information "+a.Ref, reply(receipt, corner, words))
		same(t, words, sam, w.inState(a.Ref, intake.Pending).User.Email)
		w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		same(t, words, []string{sam}, w.active())
	}
}

// TestCorrectedTwice: the same correction once more changes nothing back.
func TestCorrectedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	for _, subject := range []string{"", " again"} {
		e := reply(receipt, corner, "Please correct "+sam+" to "+leigh+".")
		e.subject += subject
		w.take("information "+a.Ref, e)
		same(t, "user", leigh, w.inState(a.Ref, intake.Pending).User.Email)
	}
}

// TestCorrectedToNobody: that an address is wrong reaches the reviewers although the right one can have no exception.
func TestCorrectedToNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Sorry, it is not "+sam+", it should be admin.sam@corner.test."))
	w.expect("no-exception protected > "+corner, "alert protected > "+ops, "information > "+asha, "information > "+ben)
	same(t, "user", sam, w.inState(a.Ref, intake.Pending).User.Email)
}

// TestStatusWithEvidence: what comes with the word STATUS is not lost.
func TestStatusWithEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed the letter?"))
	question := w.expect("question > " + corner)[0]
	e := reply(question, corner, "STATUS\nDr Wren signed it, see the new letter.")
	e.files = []string{pdf("signed")}
	w.take("information "+a.Ref, e)
	same(t, "evidence", 2, len(w.inState(a.Ref, intake.Pending).Counting()))
}
