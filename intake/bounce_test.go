package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// bounceOf is a delivery report (RFC 3464) on a letter of ours.
func bounceOf(o intake.Outbound, status string) email {
	return report(o, "failed", status)
}

func report(o intake.Outbound, action, status string) email {
	return email{from: "postmaster@x.test", subject: "Undeliverable", header: []string{
		"Content-Type: multipart/report; report-type=delivery-status; boundary=r", "MIME-Version: 1.0\r\n", "--r",
		"Content-Type: text/plain\r\n\r\nNot delivered.", "--r", "Content-Type: message/delivery-status\r\n",
		"Reporting-MTA: dns; x.test\r\n", "Final-Recipient: rfc822; " + o.To, "Action: " + action, "Status: " + status, "", "--r",
		"Content-Type: text/rfc822-headers\r\n", "Message-ID: <" + o.MessageID + ">", "", "--r--", ""}}
}

// contacts is a register in which FA001 has these.
func contacts(t *testing.T, mailbox string, people ...string) *intake.Sites {
	t.Helper()
	row := "FA001,Corner Pharmacy,pharmacy," + mailbox + ",old@corner.test," + strings.Join(people, ";")
	return must(intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox,aliases,contacts\n"+row+"\n")))(t)
}

func registered(t *testing.T, mailbox string, people ...string) func(*config) {
	return func(c *config) { c.Sites = intake.NewRegister(contacts(t, mailbox, people...)) }
}

// alerts checks what an alert says.
func (w *world) alerts(alert intake.Outbound, want ...string) {
	w.t.Helper()
	text := strings.Join(slices.Concat(alert.Facts.Lines, alert.Facts.Todo, alert.Facts.Others), "\n")
	for _, s := range want {
		if !strings.Contains(text, s) {
			w.t.Errorf("no %q in:\n%s", s, text)
		}
	}
}

// letterOf is a letter as it is on record now.
func (w *world) letterOf(id int64) intake.Outbound {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.ID == id {
			return o
		}
	}
	w.t.Fatalf("no letter %d", id)
	return intake.Outbound{}
}

// TestBounce: a site's letter that came back goes to its contact, as it was.
func TestBounce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("ignored(bounce) "+a.Ref, bounceOf(receipt, "5.1.1"))
	l := w.expect("alert bounce > "+ops, "receipt > "+jo)
	w.alerts(l[0], "To: "+corner, "Status: 5.1.1", "About: "+a.Ref, "The site's contact "+jo+" gets it instead")
	facts := receipt.Facts
	facts.InsteadOf, facts.Code, facts.LetterCode = corner, l[1].Facts.Code, l[1].Facts.LetterCode
	same(t, "facts", facts, l[1].Facts)
	same(t, "about", a.Ref, l[1].Ref)
	same(t, "stands for", receipt.ID, l[1].StandsFor)
	same(t, "answers", "", l[1].AnswersTo)
	came := w.letterOf(receipt.ID)
	same(t, "came back", noon, came.BouncedAt)
	same(t, "status", "5.1.1", came.BounceStatus)
	w.events(a.Ref, "complete", "undelivered")
}

// TestBounceOfTheOperator: where the operator refuses what is to somebody else, as they get it in a trial, they are told, and nobody
// else gets it instead.
func TestBounceOfTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	theirs := receipt
	theirs.To = strings.ToUpper(ops)
	w.take("ignored(bounce) "+a.Ref, bounceOf(theirs, "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+corner, "It will not be tried again.")
	same(t, "came back", time.Time{}, w.letterOf(receipt.ID).BouncedAt)
}

// TestBounceAgain: each letter counts once, whoever reports it, and a report about an alert is no cause for
// another.
func TestBounceAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	for range 3 {
		w.take("ignored(bounce) "+a.Ref, bounceOf(receipt, "5.1.1"))
	}
	l := w.expect("alert bounce > "+ops, "receipt > "+jo)
	w.take("ignored(bounce)", bounceOf(l[0], "5.1.1"))
	w.expect()
	// It was tried once more meanwhile.
	ok(t, w.GiveUp(t.Context(), receipt.ID,
		intake.Refusal{Text: "550 5.1.1 no such user", Recipient: true, Status: "5.1.1"}))
	w.expect()
}

// TestRewrittenRecipient: more of it is in TestField.
func TestRewrittenRecipient(t *testing.T) {
	t.Parallel()
	for name, recipient := range map[string]string{
		"encapsulated": "rfc822; IMCEAEX-_o=Labs_ou=Group_cn=Recipients_cn=9f1c@prod.outlook.test",
		"forwarded":    "rfc822; " + jo,
	} {
		t.Run(name, countsFor(recipient))
	}
}

// countsFor tests that a report counts by the Message-ID of the letter, whoever it says the recipient was: servers on the way
// route mail to other names, and people forward it.
func countsFor(recipient string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a, _, receipt := w.pending()
		e := bounceOf(receipt, "5.1.1")
		for i, h := range e.header {
			e.header[i] = strings.Replace(h, "rfc822; "+receipt.To, recipient, 1)
		}
		w.take("ignored(bounce) "+a.Ref, e)
		w.alerts(w.expect("alert bounce > "+ops, "receipt > "+jo)[0], "To: "+corner, "Status: 5.1.1")
		same(t, "came back", noon, w.letterOf(receipt.ID).BouncedAt)

		// To whom a reviewer forwards their mail says nothing of their own mailbox.
		e = bounceOf(a, "5.1.1")
		for i, h := range e.header {
			e.header[i] = strings.Replace(h, "rfc822; "+a.To, "rfc822; old@elsewhere.test", 1)
		}
		w.take("ignored(bounce) "+a.Ref, e)
		w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+asha)
	}
}

// TestRefusesSender: more of it is in TestField.
func TestRefusesSender(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"5.1.8", "5.4.5", "5.7.26", "5.7.60"} {
		t.Run(status, refusesSender(status))
	}
}

// refusesSender tests that where a server refuses us, for how much we send or who we are, nothing is held against the
// recipient, and nobody else gets the letter. The operator is told of each letter once a day.
func refusesSender(status string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a, _, receipt := w.pending()
		for _, o := range []intake.Outbound{receipt, a} {
			w.take("ignored(bounce) "+a.Ref, bounceOf(o, status))
			w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+o.To, "Status: "+status, "The server refused us, and not the recipient")
			w.take("ignored(bounce) "+a.Ref, bounceOf(o, status))
			w.expect()
			same(t, "came back", time.Time{}, w.letterOf(o.ID).BouncedAt)
		}
		ok(t, w.GiveUp(t.Context(), receipt.ID, intake.Refusal{Text: "550 " + status, Recipient: true, Status: status}))
		w.expect("alert undelivered > " + ops)
	}
}

// reportedBy is a report of a server of ours, with what a server said.
func reportedBy(o intake.Outbound, status, said string) email {
	e := bounceOf(o, status)
	e.from = "postmaster@helpdesk.test"
	for i, h := range e.header {
		e.header[i] = strings.Replace(h, "Status: "+status, "Status: "+status+"\r\nDiagnostic-Code: smtp; "+said, 1)
	}
	return e
}

// TestReturnedForUs: what a server took and a server of ours returns since we may not send is sent again, later each time,
// the operator's own emails as well. Nobody else gets it, and nobody counts as away.
func TestReturnedForUs(t *testing.T) {
	t.Parallel()
	for status, said := range map[string]string{
		"5.1.90":  "550 5.1.90 Your message can't be sent because you've reached your daily limit",
		"5.7.705": "550 5.7.705 Access denied, tenant has exceeded threshold",
		"5.2.0":   "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
		"5.0.0":   "550 Sending limit reached",
		"5.2.2":   "550 5.2.2 Submission quota exceeded",
	} {
		w := newWorld(t, withCleo)
		a, _, receipt := w.pending()
		w.delivered()
		for _, o := range []intake.Outbound{receipt, a} {
			w.take("ignored(bounce) "+a.Ref, reportedBy(o, status, said))
			w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+o.To, "The server refused us, and not the recipient",
				"It is sent again at")
			again := w.letterOf(o.ID)
			same(t, status, []any{intake.Queued, noon.Add(time.Hour), true}, []any{again.State, again.DueAt, again.BouncedAt.IsZero()})
			w.take("ignored(bounce) "+a.Ref, reportedBy(o, status, said)) // once more
			w.expect()
		}
		same(t, "away", 0, len(must(w.store.Absences(t.Context()))(t)))

		w.delivered()
		ok(t, w.AlertOperator(t.Context(), intake.AlertDirectory, outbox.Cause{}, "End the MFA exemption of "+sam+" now"))
		all := must(w.store.Outbound(t.Context()))(t)
		alert := all[len(all)-1]
		w.delivered()
		w.sent()
		w.takeAll(w.arrival(reportedBy(alert, status, said)))
		w.expect()
		same(t, "the operator's", intake.Queued, w.letterOf(alert.ID).State)
		same(t, "not reached", 1, len(must(w.store.Ways(t.Context()))(t)))
	}
}

// TestOperatorIsNotReached: where an email to the operator comes back that is on record, since the first, with what was said
// last, whether the address is at fault or we are. Nobody is written to.
func TestOperatorIsNotReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, receipt := w.pending()
	w.delivered()
	w.take("ignored(bounce) "+receipt.Ref, bounceOf(receipt, "5.1.1"))
	first := w.expect("alert bounce > "+ops, "receipt > "+jo)[0]
	ok(t, w.AlertOperator(t.Context(), intake.AlertDirectory, outbox.Cause{}, "End the MFA exemption of "+sam+" now"))
	all := must(w.store.Outbound(t.Context()))(t)
	second := all[len(all)-1]
	w.delivered()
	w.sent()
	same(t, "before", 0, len(must(w.store.Ways(t.Context()))(t)))
	since := w.now
	w.takeAll(w.arrival(bounceOf(first, "5.1.1")))
	w.now = w.now.Add(time.Hour)
	w.takeAll(w.arrival(fromOutside(bounceOf(second, "5.7.705"), "postmaster@elsewhere.test")))
	w.expect()
	same(t, "ways", []intake.Way{{Name: intake.WayOperator, Since: since,
		Why: "an email to " + ops + " came back: Status: 5.7.705"}}, must(w.store.Ways(t.Context()))(t))
	for _, o := range []intake.Outbound{first, second} {
		same(t, "came back", false, w.letterOf(o.ID).BouncedAt.IsZero())
	}
}

// TestNotABounce: anybody can write a report. Without the Message-ID of a letter it does nothing; nor does one about a
// delay.
func TestNotABounce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, receipt := w.pending()
	of := func(change func(o *intake.Outbound)) intake.Outbound {
		o := receipt
		change(&o)
		return o
	}
	for name, e := range map[string]email{
		"delayed":               report(receipt, "delayed", "4.4.1"),
		"delayed, as permanent": report(receipt, "delayed", "5.4.1"),
		"temporary":             bounceOf(receipt, "4.2.2"),
		"no letter's":           bounceOf(of(func(o *intake.Outbound) { o.MessageID = "unknown@helpdesk.test" }), "5.1.1"),
		"a letter's start":      bounceOf(of(func(o *intake.Outbound) { o.MessageID = o.MessageID[:20] }), "5.1.1"),
	} {
		if got := outcome(w.takeAll(w.arrival(e))[0]); got != "ignored(bounce)" {
			t.Errorf("%s: %s", name, got)
		}
	}
	w.expect()
	same(t, "came back", time.Time{}, w.letterOf(receipt.ID).BouncedAt)
}

// TestBounceStatus: of what a report says as its status, nothing but a status is kept.
func TestBounceStatus(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"5.1.1": "5.1.1", "5.7.999": "5.7.999", "5.1.1 (no such user)": "5.1.1",
		"": "", "2.0.0": "",
		"5.1": "", "5.1.1.1": "", "5.1.1234": "", "https://evil.test/": ""} {
		w := newWorld(t)
		a, _, _ := w.pending()
		w.take("ignored(bounce) "+a.Ref, bounceOf(a, said))
		same(t, said, want, w.letterOf(a.ID).BounceStatus)
		letters := []string{"alert bounce > " + ops}
		if want != "5.1.1" { // which the mailbox being gone is, and nothing that she is asked again for
			letters = append(letters, toAsha)
		}
		w.alerts(w.expect(letters...)[0], "Status: ")
	}
}

// TestAllContacts: a letter goes through the site's addresses in their order, each once, and every letter
// says in whose place it comes.
func TestAllContacts(t *testing.T) {
	t.Parallel()
	const new, ann, bob = "new@corner.test", "ann@corner.test", "bob@corner.test"
	w := newWorld(t, func(c *config) { delete(c.Mailboxes, "own") }) // else we would read the site's mailbox ourselves
	a, _, l := w.pending()
	first := l.ID
	w.config.Sites.Use(contacts(t, new, ann, corner, bob, "mfa@helpdesk.test", ann))
	for _, c := range []struct{ to, said string }{
		{new, "The site's mailbox " + new + " gets it"}, {ann, "contact " + ann}, {bob, "contact " + bob},
	} {
		w.take("ignored(bounce) "+a.Ref, bounceOf(l, "5.1.1"))
		got := w.expect("alert bounce > "+ops, "receipt > "+c.to)
		w.alerts(got[0], "To: "+l.To, c.said)
		same(t, "instead of", corner, got[1].Facts.InsteadOf)
		same(t, "stands for", first, got[1].StandsFor)
		l = got[1]
	}
	w.take("ignored(bounce) "+a.Ref, bounceOf(l, "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "The site has no other contact")
}

// TestDeadAddresses: where a letter was refused lately, no other is sent instead.
func TestDeadAddresses(t *testing.T) {
	t.Parallel()
	const ann, bob = "ann@corner.test", "bob@corner.test"
	w := newWorld(t, registered(t, corner, ann, bob))
	bounces := func(want string) intake.Outbound {
		a, _, receipt := w.pending()
		w.take("ignored(bounce) "+a.Ref, bounceOf(receipt, "5.1.1"))
		l := w.expect("alert bounce > "+ops, "receipt > "+want)[1]
		w.take("withdrawal "+a.Ref, reply(receipt, corner, "WITHDRAW"))
		w.sent()
		return l
	}
	w.take("ignored(bounce) LT-2026-00001", bounceOf(bounces(ann), "5.1.1"))
	w.expect("alert bounce > "+ops, "receipt > "+bob)
	bounces(bob)
	w.now = w.now.Add(30*day - time.Second)
	bounces(bob)
	w.now = w.now.Add(time.Second)
	bounces(ann)
}

// TestBounceOfOthers: for who is no site, the operator is told and nobody else gets the letter; of strangers,
// once an hour.
func TestBounceOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("ignored(bounce) "+a.Ref, bounceOf(a, "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+asha, "It will not be tried again")
	must(w.Grant(t.Context(), kim, "no-signal", "", ""))(t)
	w.take("ignored(bounce) ST-2026-00001", bounceOf(w.expect("granted > " + kim)[0], "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "To: "+kim, "It will not be tried again")
	for i := range 3 {
		w.hello(stranger)
		w.take("ignored(bounce)", bounceOf(w.expect("refused not-registered > " + stranger)[0], "5.1.1"))
		if i == 0 {
			w.alerts(w.expect("alert answer-undelivered > " + ops)[0], "About: no request", "`mfabot outbound` lists them")
		}
	}
	w.expect()
}

// TestBounceWithoutSite: the site may have left the register, or have a mailbox that we watch, which nobody
// else reads.
func TestBounceWithoutSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: jo, box: "own", subject: "MFA", text: asked, files: []string{pdf("x")}})
	receipt := w.expect(toAsha, toBen, "receipt > "+jo)[2]
	w.take("ignored(bounce) LT-2026-00001", bounceOf(receipt, "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "The site has no other contact")

	w = newWorld(t)
	a, _, receipt := w.pending()
	w.config.Sites.Use(must(intake.ReadSites("sites.csv", strings.NewReader("ods_code,name,kind,mailbox\n")))(t))
	w.take("ignored(bounce) "+a.Ref, bounceOf(receipt, "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "The site has no other contact")
}

// TestGiveUp: a server that refuses the recipient says what a report would. Any other failure says nothing of
// the address. Of its own mail the operator is not told.
func TestGiveUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		intake.Refusal
		status string
	}{
		{intake.Refusal{Text: "no such user", Recipient: true, Status: "5.1.1"}, "5.1.1"},
		{intake.Refusal{Text: "no such user, without a status", Recipient: true}, ""},
		{intake.Refusal{Text: "what is no status", Recipient: true, Status: "5.1.1<b>"}, ""},
		{intake.Refusal{Text: "the server does not know us", Status: "5.1.8"}, ""},
		{intake.Refusal{Text: "connection refused"}, ""},
	} {
		w := newWorld(t)
		_, _, receipt := w.pending()
		ok(t, w.GiveUp(t.Context(), receipt.ID, c.Refusal))
		want := []string{"alert undelivered > " + ops}
		if c.Recipient {
			want = append(want, "receipt > "+jo)
		}
		l := w.expect(want...)
		w.alerts(l[0], "To: "+corner, "Cause: "+c.Text)
		came := w.letterOf(receipt.ID)
		same(t, c.Text+": refused", c.Recipient, !came.BouncedAt.IsZero())
		same(t, c.Text+": status", c.status, came.BounceStatus)
		same(t, "state", intake.Failed, came.State)
		if c.Recipient {
			w.alerts(l[0], "The site's contact "+jo+" gets it instead")
		}

		ok(t, w.GiveUp(t.Context(), l[0].ID, c.Refusal))
		if c.Recipient { // and a report comes besides
			w.take("ignored(bounce) "+receipt.Ref, bounceOf(receipt, "5.1.1"))
		}
		if err := w.GiveUp(t.Context(), receipt.ID, intake.Refusal{Text: "again"}); !errors.Is(err, intake.ErrStale) {
			t.Errorf("given up twice: %v", err)
		}
		w.expect()
	}
}

// TestBouncedTooLate: the next contact is told what is true now, or nothing where that is over.
func TestBouncedTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	site, _ := w.approved()
	w.now = noon.Add(150 * day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+sam)[0]
	w.now = noon.Add(153 * day)
	w.take("ignored(bounce) "+site.Ref, bounceOf(warning, "5.1.1"))
	instead := w.expect("warning > "+jo, "alert bounce > "+ops)
	w.now = noon.Add(200 * day)
	w.take("ignored(bounce) "+site.Ref, bounceOf(instead[0], "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "what it says is over")
}

// fromOutside is a report that another server brought, in whosever name.
func fromOutside(e email, from string) email {
	e.from = from
	e.header = append([]string{"Received: from mx.helpdesk.test (x.test [192.0.2.7]) by mx.helpdesk.test with ESMTP; " +
		"Mon, 2 Mar 2026 12:00:00 +0000"},
		e.header...)
	return e
}

// TestReviewerRefusesFiles: what is refused for anything but the mailbox, as a site can bring about by what it attaches,
// has nobody count as away. The reviewer is asked once more, without the files.
func TestReviewerRefusesFiles(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(w *world, o intake.Outbound) string{
		"too large":    func(w *world, o intake.Outbound) string { return w.reported(bounceOf(o, "5.3.4")) },
		"its contents": func(w *world, o intake.Outbound) string { return w.reported(bounceOf(o, "5.7.1")) },
		"full":         func(w *world, o intake.Outbound) string { return w.reported(bounceOf(o, "5.2.2")) },
		"no status":    func(w *world, o intake.Outbound) string { return w.reported(bounceOf(o, "")) },
		"the server's": func(w *world, o intake.Outbound) string {
			ok(w.t, w.GiveUp(w.t.Context(), o.ID, intake.Refusal{Text: "554 5.7.1", Content: true, Status: "5.7.1"}))
			return "undelivered"
		},
		"the server's of the address": func(w *world, o intake.Outbound) string {
			ok(w.t, w.GiveUp(w.t.Context(), o.ID, intake.Refusal{Text: "550 5.7.1", Recipient: true, Status: "5.7.1"}))
			return "undelivered"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withCleo)
			a, _, _ := w.pending()
			alert := refuse(w, a)
			l := w.expect("alert "+alert+" > "+ops, toAsha)
			w.alerts(l[0], "To: "+asha, "They are asked once more, without the files.")
			again := l[1]
			same(t, "files", []any{0, true, true}, []any{len(again.Attach), again.Facts.FilesRefused, again.Facts.Evidence[0].Unsent})
			same(t, "away", 0, len(must(w.store.Absences(t.Context()))(t)))
			w.reported(bounceOf(again, "5.7.1"))
			w.expect("alert bounce > " + ops)
			w.take("decision "+a.Ref, reply(again, asha, "APPROVE"))
			w.inState(a.Ref, intake.Approved)
		})
	}
}

// reported takes a report, and returns the kind of the alert about it.
func (w *world) reported(e email) string {
	w.t.Helper()
	same(w.t, "outcome", "ignored(bounce) LT-2026-00001", outcome(w.takeAll(w.arrival(e))[0]))
	return "bounce"
}

// TestReportNobodyVouchesFor: who has the Message-ID of a reviewer's letter can write that it came back. That has the
// reviewer asked once more, each letter once; only where that one comes back too do they count as away.
func TestReportNobodyVouchesFor(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]string{
		"in its own name": "mailer-daemon@x.test",
		"in ours":         "mailer-daemon@helpdesk.test",
		"of a person":     ben,
		"of our own site": corner,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withCleo)
			if from != ben && from != corner {
				w.judge.unproven = map[string]bool{from: true}
			}
			a, _, _ := w.pending()
			w.asksFor(kim)
			b := w.expect(toAsha, toBen, "receipt > "+corner)[0]
			report := func(o intake.Outbound) {
				t.Helper()
				w.takeAll(w.arrival(fromOutside(bounceOf(o, "5.1.1"), from)))
			}
			away := func() int { return len(must(w.store.Absences(t.Context()))(t)) }
			w.now = w.now.Add(time.Minute)
			report(a)
			l := w.expect("alert bounce > "+ops, toAsha)
			w.alerts(l[0], "Nobody can vouch for this report, so they are asked once more.")
			same(t, "as it was", []any{len(a.Attach), false}, []any{len(l[1].Attach), l[1].Facts.FilesRefused})
			report(a)
			w.expect()
			w.now = w.now.Add(time.Minute)
			report(b) // which was written before the other came back
			w.expect("alert bounce > "+ops, toAsha)
			same(t, "away", 0, away())
			report(l[1])
			same(t, "away once that is refused too", 1, away())
		})
	}
}

// TestReportOfOurServers: a report counts at once that a server of ours or of the reviewer's is proven to have written, or
// that has come by none but ours.
func TestReportOfOurServers(t *testing.T) {
	t.Parallel()
	inside := func(hops ...string) func(e email) email {
		return func(e email) email {
			for _, hop := range hops {
				e.header = append([]string{"Received: " + hop}, e.header...)
			}
			e.from = "MAILER-DAEMON@mx.helpdesk.test"
			return e
		}
	}
	outside := func(from string) func(e email) email { return func(e email) email { return fromOutside(e, from) } }
	for name, c := range map[string]struct {
		made  func(e email) email
		proof bool
		away  int
	}{
		"proven":                {outside("Postmaster@helpdesk.test"), true, 1},
		"not proven":            {outside("postmaster@helpdesk.test"), false, 0},
		"another's":             {outside("postmaster@x.test"), true, 0},
		"made where we read it": {inside("by mx.helpdesk.test (Postfix) id 1"), false, 1},
		"of our servers": {inside("from [10.0.0.1] (out.helpdesk.test [10.0.0.1]) by a.helpdesk.test",
			"from a (a.helpdesk.test. [10.0.0.2]) by mx.helpdesk.test"), false, 1},
		"of another before ours": {inside("from helpdesk.test (evil.test [192.0.2.7]) by a.helpdesk.test",
			"from a (a.helpdesk.test [10.0.0.2]) by mx.helpdesk.test"), false, 0},
		"of a name that looks so": {inside("from helpdesk.test (nothelpdesk.test [192.0.2.7]) by mx.helpdesk.test"), false, 0},
		"of no name":              {inside("from a.helpdesk.test ([192.0.2.7]) by mx.helpdesk.test"), false, 0},
		"of an unknown name":      {inside("from a.helpdesk.test (unknown [192.0.2.7]) by mx.helpdesk.test"), false, 0},
		"of a name that may be forged": {inside("from evil.test (mx.helpdesk.test [203.0.113.9] (may be forged)) by mx.helpdesk.test " +
			"(8.17.1/8.17.1) with ESMTP id 1"), false, 0},
		"that says nothing more": {inside("from a.helpdesk.test by mx.helpdesk.test"), false, 0},
		"whose greeting says it": {inside("from x (a.helpdesk.test [10.0.0.2]) by y (evil.test [192.0.2.7]) by mx.helpdesk.test"), false, 0},
		"that says it itself":    {inside("from (a.helpdesk.test [10.0.0.2]) by mx.helpdesk.test"), false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withCleo)
			a, _, _ := w.pending()
			e := c.made(bounceOf(a, "5.2.1"))
			w.judge.unproven = map[string]bool{e.from: !c.proof}
			w.takeAll(w.arrival(e))
			same(t, "away", c.away, len(must(w.store.Absences(t.Context()))(t)))
		})
	}
}
