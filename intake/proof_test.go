package intake_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
)

// TestExpired: a review email cannot be answered for ever. Whoever tries gets another.
func TestExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	w.now = noon.Add(60*day - time.Second)
	w.take("decision "+a.Ref, reply(b, ben, "INFO who wrote the letter?"))
	w.expect("question > " + corner)

	w = newWorld(t)
	a, _, _ = w.pending()
	w.now = noon.Add(60 * day)
	w.take("refused(expired) "+a.Ref, reply(a, asha, "APPROVE"))
	l := w.expect("not-understood expired > "+asha, toAsha)
	w.inState(a.Ref, intake.Pending)
	w.take("refused(superseded) "+a.Ref, reply(a, asha, "APPROVE "))
	w.expect("not-understood superseded > " + asha)
	w.take("decision "+a.Ref, reply(l[1], asha, "APPROVE"))
	w.inState(a.Ref, intake.Approved)
}

// TestExpiredAfterMore: the review email that comes in place of an expired one tells what the site has written
// since, to the last.
func TestExpiredAfterMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Sam is back at work on Monday."))
	w.expect("information > "+asha, "information > "+ben)
	w.now = noon.Add(60 * day)
	w.take("refused(expired) "+a.Ref, reply(a, asha, "APPROVE"))
	l := w.expect("not-understood expired > "+asha, toAsha)
	var told []string
	for _, h := range l[1].Facts.History {
		told = append(told, h.Event+": "+h.Text)
	}
	same(t, "history", []string{"the site asked for it: ", "the site wrote: Sam is back at work on Monday."}, told)
}

// TestNotAddressed: what a reviewer wrote to somebody else is no decision, whoever
// sends it on, and a plus-address is ours.
func TestNotAddressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	for _, to := range []string{"To: <kim@corner.test>", "To: <kim@corner.test>\r\nCc: <mfa@helpdesk.test.evil.test>",
		"To: \"mfa@helpdesk.test\" <kim@corner.test>"} {
		e := reply(a, asha, "APPROVE")
		e.to = to
		w.take("refused(not-addressed) "+a.Ref, e)
		w.expect("not-understood not-addressed > " + asha)
	}
	e := reply(a, asha, "APPROVE")
	e.to = "To: <kim@corner.test>\r\nCc: <MFA+x@Helpdesk.test>"
	w.take("decision "+a.Ref, e)
}

// TestUncovered: a code counts only where the proof of the sender holds.
func TestUncovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.judge.uncovered = []string{"in-reply-to", "references", "to"}
	w.take("refused(no-token)", reply(a, asha, "APPROVE"))
	w.expect("not-understood no-token > " + asha)
	e := reply(a, asha, "APPROVE")
	e.subject = "Re: review [" + a.Facts.Code + "]"
	w.judge.uncovered = append(w.judge.uncovered, "subject")
	w.take("refused(no-token)", e)
	w.expect("not-understood no-token > " + asha)
	w.judge.uncovered = w.judge.uncovered[:3]
	e.text = "Approved."
	w.take("refused(unconfirmed) "+a.Ref, e)
	w.inState(a.Ref, intake.Pending)
	confirm := w.expect("confirm > " + asha)[0]
	w.take("decision "+a.Ref, email{from: asha, subject: "Re: [" + confirm.Facts.Code + "]", text: confirm.Facts.Command})
	w.inState(a.Ref, intake.Approved)
}

// TestPlusAddress: a code comes back as the address that was written to.
func TestPlusAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, email{from: asha, subject: "Re: MFA", text: "APPROVE",
		to: "To: <mfa+" + strings.ToUpper(a.Facts.Code) + "@helpdesk.test>"})
	w.inState(a.Ref, intake.Approved)
}

// TestChanged: a new review email says what is not as it was in the one before.
func TestChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	same(t, "at first", []string(nil), a.Facts.Changed)
	w.take("information "+a.Ref, reply(receipt, corner, "And this one", pdf("second")))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "changed", []string{"evidence"}, l[0].Facts.Changed)
	same(t, "new", []bool{false, true}, []bool{l[0].Facts.Evidence[0].New, l[0].Facts.Evidence[1].New})
	w.take("refused(superseded) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("not-understood superseded > " + asha)

	w.take("decision "+a.Ref, reply(l[0], asha, "REJECT it is not signed"))
	rejected := w.expect("rejected reviewer > "+corner, "decided reviewer > "+asha, "decided reviewer > "+ben)
	w.take("request "+a.Ref, reply(rejected[0], corner,
		"Details: Sam works with both hands in a glove box.\nHere it is, signed.", pdf("third")))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "changed again", []string{"details", "evidence"}, l[0].Facts.Changed)
}

// TestHeldForTheJudge: a message waits while its sender cannot be judged, though not for ever.
func TestHeldForTheJudge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.judge.unsure = errors.New("the name server does not answer")
	arrival := w.arrival(reply(a, asha, "APPROVE"))
	same(t, "filed", 0, len(must(w.Take(t.Context(), []intake.Arrival{arrival}))(t)))
	held := w.expect("alert held > " + ops)[0]
	w.alerts(held, "from "+asha+": waits since "+w.Inbox.Moment(w.now)+", and can wait until "+w.Inbox.Moment(w.now.Add(4*time.Hour)),
		"Cause: the name server does not answer", "lists them only once they are handled")
	w.judge.unsure = nil
	same(t, "filed", 1, len(must(w.Take(t.Context(), []intake.Arrival{arrival}))(t)))
	w.inState(a.Ref, intake.Approved)

	w.sent()
	b, _, _ := w.pending()
	w.judge.unsure = errors.New("the name server does not answer")
	arrival = w.arrival(reply(b, asha, "APPROVE"))
	same(t, "filed", 0, len(must(w.Take(t.Context(), []intake.Arrival{arrival}))(t)))
	w.expect() // the operator was told already
	w.now = w.now.Add(4 * time.Hour)
	same(t, "outcomes", intake.OutcomeQuarantined, w.takeAll(arrival)[0].Outcome)
	w.inState(b.Ref, intake.Pending)
}

// TestNoCodeInTheDatabase: what is stored does not decide anything.
func TestNoCodeInTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("refused(no-command) "+a.Ref, email{from: asha, subject: "Re: [" + a.Facts.Code + "]",
		text: "Let me think.\n\n> Review code: " + a.Facts.Code})
	w.sent()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	revoke := w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)[2]
	for _, o := range must(w.store.Outbound(t.Context()))(t) {
		whole := o.MessageID + o.Facts.Code + strings.Join(o.References, " ")
		for _, token := range []string{a.Facts.Code, revoke.Facts.Code} {
			if token == "" || strings.Contains(whole, token) {
				t.Errorf("%s to %s is stored with the code %q: %s", o.Template, o.To, token, whole)
			}
		}
	}
	for _, m := range must(w.store.Inbound(t.Context()))(t) {
		if strings.Contains(m.Subject, a.Facts.Code) {
			t.Errorf("message %d is stored with the code: %s", m.ID, m.Subject)
		}
	}
	same(t, "the conversation goes on", a.MessageID, revoke.References[0])
	other := w.WithCode(must(w.store.Outbound(t.Context()))(t)[0])
	w.configure(func(c *config) { c.key = []byte("another key of thirty-two bytes!") })
	for _, o := range must(w.store.Outbound(t.Context()))(t) {
		if o = w.WithCode(o); o.Facts.Seed != "" && o.Facts.Code != "" {
			t.Errorf("another key makes the code %q; with its own, the first letter's was %q", o.Facts.Code, other.Facts.Code)
		}
	}
}

// TestRequeue: what was set aside is read again, by the rules as they are now.
func TestRequeue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.judge.unproven[corner], w.judge.unproven[asha] = true, true
	ask := email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}}
	id := w.take("quarantined(unauthenticated)", ask).ID
	w.sent()
	c := must(w.Requeue(t.Context(), id, inbound.Again{}))(t)
	same(t, "still not proven", intake.OutcomeQuarantined, c.Outcome)
	c = must(w.Requeue(t.Context(), id, inbound.Again{By: "Jo Hill", Vouches: true}))(t)
	same(t, "vouched for", intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: "LT-2026-00001", Folder: intake.Processed}, c)
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	w.events("LT-2026-00001", "complete", "requeued")
	_, err := w.Requeue(t.Context(), id, inbound.Again{})
	says(t, err, "neither quarantined nor refused for who wrote it")
	ask.id = "m1@sender.test"
	w.take("ignored(duplicate) LT-2026-00001", ask) // moved back into the inbox all the same

	id = w.take("quarantined(unauthenticated)", reply(l[0], asha, "APPROVE")).ID
	_, err = w.Requeue(t.Context(), id, inbound.Again{By: "Jo Hill", Vouches: true})
	says(t, err, "nobody can vouch for a reviewer")
	delete(w.judge.unproven, asha)
	c = must(w.Requeue(t.Context(), id, inbound.Again{}))(t)
	same(t, "proven now", intake.OutcomeDecision, c.Outcome)
	w.inState("LT-2026-00001", intake.Approved)
}

// TestChecks: every check that was made on a message is on record with it.
func TestChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	names := func(m intake.Inbound) string {
		var out []string
		for _, c := range m.Checks {
			mark := "-"
			if c.Passed {
				mark = "+"
			}
			out = append(out, mark+c.Name)
		}
		return strings.Join(out, " ")
	}
	const read = "+first copy +readable +not our own +written by a person +test +size "
	conditions := "+code +one request +reviewer +in a mailbox of ours +authority +sent by the reviewer " +
		"+written to us +framed by the author +nothing more +command "
	same(t, "of a decision", read+conditions+"+undecided +code holds +waiting for reviewers +code in time +meant for us",
		names(w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))))
	same(t, "of a late one", read+conditions+"-undecided",
		names(w.take("refused(already-decided) "+a.Ref, reply(a, asha, "REJECT no"))))
	same(t, "of a request", read+"+may ask +framed by the author +meant for us -evidence +reason",
		names(w.take("request LT-2026-00002", email{from: corner, subject: "MFA",
			text: "Please exempt Kim Day, kim.day@corner.test, an accessibility issue.", files: []string{"no PDF"}})))
	w.judge.unproven[stranger] = true
	same(t, "of a stranger's", "+first copy +readable +not our own +written by a person -test",
		names(w.take("quarantined(unauthenticated)", email{from: stranger, subject: "hi", text: "hi"})))
}

// TestFramed: where the proof says nothing of Content-Type, nobody makes a command of what a reviewer quoted
// by dividing the message anew.
func TestFramed(t *testing.T) {
	t.Parallel()
	const quoted = "-----Original Message-----\r\nFrom: Ben\r\nSubject: review\r\n\r\nAPPROVE\r\n"
	const parts = "--b1\r\nContent-Type: text/plain\r\n\r\nAPPROVE\r\n--b1--\r\n"
	for name, c := range map[string]struct {
		contentType, body string
		want              intake.State
	}{
		"divided anew": {`multipart/mixed; boundary="---Original Message-----"`, quoted, intake.Pending},
		"as it was":    {"text/plain", quoted, intake.Pending},
		"parts":        {"multipart/mixed; boundary=b1", parts, intake.Approved},
		"after the sentence": {"multipart/mixed; boundary=b1",
			"This is a multi-part message in MIME format.\r\n" + parts, intake.Approved},
		"after something else":    {"multipart/mixed; boundary=b1", "I would reject it.\r\n" + parts, intake.Pending},
		"before something else":   {"multipart/mixed; boundary=b1", parts + "I would reject it.\r\n", intake.Pending},
		"two boundaries":          {"multipart/mixed; boundary=b1; boundary=b2", parts, intake.Pending},
		"a boundary in two parts": {"multipart/mixed; boundary*0=b; boundary*1=1", parts, intake.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			w.judge.uncovered = []string{"content-type"}
			arrival := w.arrival(email{from: asha, subject: "Re: [" + a.Facts.Code + "]"})
			head, _, _ := bytes.Cut(arrival.Raw, []byte("Content-Type:"))
			arrival.Raw = slices.Concat(head, []byte("Content-Type: "+c.contentType+"\r\n\r\n"+c.body))
			w.takeAll(arrival)
			w.inState(a.Ref, c.want)
		})
	}
}

// TestSeedFromOutside: a stranger's Message-ID that looks like what stands for a code of ours is not turned
// into the code.
func TestSeedFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("refused(not-registered)", email{from: stranger, subject: "hi", text: "hi", id: a.Facts.Seed + "@helpdesk.test"})
	l := w.expect("refused not-registered > " + stranger)[0]
	if all := strings.Join(l.References, " ") + l.AnswersTo + l.MessageID; strings.Contains(all, a.Facts.Code) {
		t.Errorf("the answer brings the code: %s", all)
	}
}

// TestUncoveredReferences: a site's words are not moved to another of its requests by fields that the proof
// says nothing of.
func TestUncoveredReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, first := w.pending()
	other := email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, "sam.lee", "kim.day"), files: []string{pdf("kim")}}
	w.take("request LT-2026-00002", other)
	second := w.expect(toAsha, toBen, "receipt > "+corner)[2]
	w.judge.uncovered = []string{"in-reply-to", "references"}
	e := reply(second, corner, "WITHDRAW")
	code, _, _ := strings.Cut(first.MessageID, "@")
	e.subject = "Re: something [" + code + "]"
	w.take("withdrawal "+first.Ref, e)
	w.inState(second.Ref, intake.Pending)
}

// TestUncoveredSubject: a reference in a subject that the proof says nothing of is nobody's: the site is not even asked
// about it.
func TestUncoveredSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, first := w.pending()
	e := email{from: corner, subject: "Re: [" + first.Ref + "]", text: "Please see this letter.", files: []string{pdf("more")}}
	w.take("information "+first.Ref, e)
	w.expect("belongs > " + corner)
	w.judge.uncovered = []string{"subject"}
	e.files = []string{pdf("another")}
	w.take("request LT-2026-00002", e)
	w.expect("incomplete > " + corner)
}

// TestPlusOfOneself: nobody decides for themselves under another name of their own.
func TestPlusOfOneself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
		text: strings.ReplaceAll(asked, "sam.lee@corner.test", "asha+mfa@helpdesk.test"), files: []string{pdf("x")}})
	w.expect(toBen, "receipt > "+corner)
}

// TestVouchedPerson: an operator vouches for a person as well, where a machine seemed to have written.
func TestVouchedPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.take("quarantined(automatic)", email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")},
		header: []string{"Auto-Submitted: auto-generated"}}).ID
	w.sent()
	same(t, "without a word for it", intake.OutcomeQuarantined, must(w.Requeue(t.Context(), id, inbound.Again{}))(t).Outcome)
	w.sent()
	same(t, "vouched for", intake.OutcomeRequest, must(w.Requeue(t.Context(), id, inbound.Again{By: "Jo Hill", Vouches: true}))(t).Outcome)
}

// TestRefusedReadAgain: what was refused for want of a row in the register is read again once there is one: by requeue, or
// since somebody moves it back into the inbox. Without one another copy stays a duplicate.
func TestRefusedReadAgain(t *testing.T) {
	t.Parallel()
	const lake = "mail@lake.test"
	lost := email{from: lake, id: "lost@lake.test", subject: "MFA", text: "User: " + sam + "\nReason: accessibility\n",
		files: []string{pdf("x")}}
	for name, again := range map[string]func(w *world, id int64){
		"requeue": func(w *world, id int64) {
			c := must(w.Requeue(t.Context(), id, inbound.Again{}))(t)
			same(t, "outcome", intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: "LT-2026-00001", Folder: intake.Processed}, c)
			_, err := w.Requeue(t.Context(), id, inbound.Again{})
			same(t, "again", true, err != nil)
		},
		"moved back": func(w *world, _ int64) { w.take("request LT-2026-00001", lost) },
	} {
		w := newWorld(t)
		id := w.take("refused(not-registered)", lost).ID
		w.expect("refused not-registered > " + lake)
		w.take("ignored(duplicate)", lost)
		w.expect()
		w.config.Sites.Use(must(intake.ReadSites("sites.csv", strings.NewReader(sites+"FL004,Lake,other,"+lake+",,\n")))(t))
		again(w, id)
		w.take("ignored(duplicate) LT-2026-00001", lost)
		same(t, name, 1, w.count())
	}
	w := newWorld(t)
	a, _, _ := w.pending()
	id := w.take("refused(no-command) "+a.Ref, reply(a, asha, "Hm.")).ID
	_, err := w.Requeue(t.Context(), id, inbound.Again{})
	same(t, "a reviewer's", true, err != nil)
}
