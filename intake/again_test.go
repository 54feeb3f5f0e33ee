package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestSiteWrote: when nothing waits for a site's words any more, a person reads them.
func TestSiteWrote(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world){
		"approved": func(w *world) { w.approved() },
		"rejected": func(w *world) {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "REJECT unsigned"))
		},
		"withdrawn": func(w *world) {
			_, _, receipt := w.pending()
			w.take("withdrawal LT-2026-00001", reply(receipt, corner, "WITHDRAW"))
		},
		"lapsed": func(w *world) {
			a, _, _ := w.pending()
			w.take("decision "+a.Ref, reply(a, asha, "INFO who?"))
			w.now = w.now.Add(15 * day)
			w.sweep()
		},
		"ended": func(w *world) {
			w.approved()
			w.now = w.now.Add(181 * day)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			begin(w)
			w.sent()
			about := email{from: corner, subject: "Re: [LT-2026-00001]", text: "Many thanks, Jo"}
			w.take("information LT-2026-00001", about)
			w.expect()
			about.text = "Sam's account was hacked, please stop it now."
			w.take("information LT-2026-00001", about)
			l := w.expect("alert site-wrote > "+ops, "passed-on > "+corner)[0]
			lines, todo := strings.Join(l.Facts.Lines, "\n"), strings.Join(l.Facts.Todo, "\n")
			same(t, "quoted", about.text, l.Facts.Said)
			for _, want := range []string{"LT-2026-00001", "Corner Pharmacy (FA001)", corner} {
				if !strings.Contains(lines, want) {
					t.Errorf("no %q in:\n%s", want, lines)
				}
			}
			same(t, "can be revoked", name == "approved", strings.Contains(todo, "mfabot revoke LT-2026-00001 REASON --as NAME"))
			stands := map[string]string{"approved": "exception active", "ended": "exception ended", "revoked": "exception revoked",
				"rejected": "request rejected", "withdrawn": "request withdrawn", "lapsed": "request lapsed"}[name]
			if want := "Please answer what a site wrote about LT-2026-00001 (" + stands; !strings.HasPrefix(l.Facts.Headline, want) {
				t.Errorf("the headline is %q", l.Facts.Headline)
			}
		})
	}
}

// TestSiteWroteOfShortTerm: so it is with a short-term exception, and where a renewal took the place of what
// they write about.
func TestSiteWroteOfShortTerm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "no-signal", "FA001", ""))(t)
	l := w.expect("granted > "+corner, "granted > "+sam)[0]
	w.take("information ST-2026-00001", reply(l, corner, "He has left the company."))
	same(t, "last", "Only if the account is misused, or somebody is exempt who must not be: mfabot revoke ST-2026-00001 REASON --as NAME",
		w.expect("alert site-wrote > "+ops, "passed-on > "+corner)[0].Facts.Todo[1])
	w.approved()
	w.take("information ST-2026-00001", reply(l, corner, "He has left the company, we say."))
	same(t, "last", "Only if the account is misused, or somebody is exempt who must not be: mfabot revoke LT-2026-00001 REASON --as NAME",
		w.expect("alert site-wrote > "+ops, "passed-on > "+corner)[0].Facts.Todo[1])
}

// TestThanksUnasked begins nothing.
func TestThanksUnasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("information", email{from: corner, subject: "MFA", text: "Thank you!"})
	w.expect()
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Thank you! Can we have one?"})
	w.expect("incomplete > " + corner)
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: "Thanks", files: []string{pdf("x")}})
	w.expect("incomplete > " + corner)
}

// TestWithdrawUnnamed: the one request that can be meant is, and doubt is none.
func TestWithdrawUnnamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	withdraw := email{from: corner, subject: "MFA", text: "WITHDRAW"}
	w.take("information", withdraw) // no request at all
	w.expect("alert withdraw > "+ops, "passed-on > "+corner)
	w.pending()
	withdraw.subject = "LT-2026-09999"
	w.take("information", withdraw)
	w.expect("alert withdraw > "+ops, "passed-on > "+corner)
	withdraw.subject, withdraw.text = "MFA", "WITHDRAW\n\nUser: "+kim
	w.take("information", withdraw)
	w.expect("alert withdraw > "+ops, "passed-on > "+corner)
	w.pendingFor(kim)
	withdraw.text = "WITHDRAW"
	w.take("information", withdraw)
	l := w.expect("alert withdraw > "+ops, "passed-on > "+corner)[0]
	if lines := strings.Join(l.Facts.Lines, "\n"); !strings.Contains(lines, "LT-2026-00001, LT-2026-00002") {
		t.Errorf("the operator is told:\n%s", lines)
	}
	withdraw.from = bright
	w.take("information", withdraw)
	w.expect("alert withdraw > "+ops, "passed-on > "+bright)
	withdraw.from, withdraw.text = corner, "WITHDRAW\n\nUser: "+kim
	w.take("withdrawal LT-2026-00002", withdraw)
	w.sent()
	withdraw.text = "WITHDRAW"
	w.take("withdrawal LT-2026-00001", withdraw)
	w.expect("withdrawn > "+corner, "decided > "+asha, "decided > "+ben)
}

// TestOneOpenRequest: a site that asks again for a user continues what is open.
func TestOneOpenRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again := email{from: corner, subject: "MFA", text: "User: " + sam}
	w.take("request LT-2026-00001", again)
	w.expect("incomplete > " + corner)
	again.text, again.files = asked, []string{pdf("first")}
	w.take("request LT-2026-00001", again) // completes it
	a := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	for range 2 {
		w.take("information LT-2026-00001", again)
		same(t, "answers", fmt.Sprintf("m%d@sender.test", w.uid), w.expect("receipt > " + corner)[0].AnswersTo)
	}
	again.text += "\nHis manager, Dr May, asks how long this takes.\n"
	w.take("information LT-2026-00001", again)
	w.expect("receipt > "+corner, "information > "+asha, "information > "+ben)
	w.take("decision LT-2026-00001", reply(a, asha, "INFO who signed?"))
	w.sent()
	again.text = asked + "\nDr May signed.\n"
	w.take("information LT-2026-00001", again)
	w.expect(toAsha, toBen, "receipt > "+corner)
	again.text, again.files = form(sam+"\nUser: "+kim, "accessibility"), []string{pdf("for both")}
	w.take("request LT-2026-00001,LT-2026-00002", again)
	w.expect(toAsha, toBen, "receipt > "+corner, toAsha, toBen, "receipt > "+corner)
	again.from = bright // another site's is another
	w.take("request LT-2026-00003,LT-2026-00004", again)
	same(t, "requests", 4, w.count())
}

// TestOneOpenRequestAfterRejection: evidence for what was rejected goes to the request that took its place,
// and a form that names a user again to theirs.
func TestOneOpenRequestAfterRejection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
	rejected := w.expect("rejected no-evidence > " + corner)[0]
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}})
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("information LT-2026-00002", reply(rejected, corner, "Here it is.", pdf("x")))
	w.expect("information > "+asha, "information > "+ben, "receipt > "+corner)
	w.inState("LT-2026-00001", intake.Rejected)

	w.take("request LT-2026-00003", email{from: corner, subject: "MFA", text: "A colleague needs an exception."})
	l := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00003,LT-2026-00002", reply(l, corner, form(kim, "accessibility")+form(sam, "accessibility"), pdf("both")))
	w.expect(toAsha, toBen, "receipt > "+corner, toAsha, toBen, "receipt > "+corner)
}

// TestAskingAgainLoop: a machine that asks for ever gets only so many receipts.
func TestAskingAgainLoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(5)) // three at once
	w.pending()
	for range 10 {
		w.take("information LT-2026-00001", email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}})
	}
	const receipt = "receipt > " + corner
	w.expect(receipt, receipt, receipt)
}

// TestRenewedTwice: evidence after a warning, sent twice, is one renewal.
func TestRenewedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, _ := w.approved()
	w.take("renewal LT-2026-00002", reply(l, corner, "Please renew.", pdf("new")))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("information LT-2026-00002", reply(l, corner, "Please renew it!", pdf("newer")))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("information LT-2026-00002", reply(l, corner, "Please renew it.", pdf("newer")))
	w.expect("information > "+asha, "information > "+ben, "receipt > "+corner)
}

// TestEvidenceForAnother: new evidence with another user's name is theirs.
func TestEvidenceForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	also := "And the same for Kim Day, " + kim + ", please."
	w.take("request LT-2026-00002", reply(receipt, corner, also, pdf("kim")))
	w.take("decision "+a.Ref, reply(a, asha, "INFO who signed?"))
	w.take("request LT-2026-00003", reply(receipt, corner, "And for pat@corner.test.", pdf("pat")))
	same(t, "evidence", 1, len(w.inState(a.Ref, intake.NeedsInfo).Evidence))
	w.take("information "+a.Ref, reply(receipt, corner, "Dr May did, may@surgery.test.", pdf("first"))) // what we have already
	w.inState(a.Ref, intake.Pending)
}

// TestAutomaticEvidence: a site's evidence is not lost because a machine seems to have sent it.
func TestAutomaticEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}, header: []string{"Auto-Submitted: auto-generated"}}
	w.take("quarantined(automatic)", e)
	w.expect("alert automatic > " + ops)
	w.take("quarantined(automatic)", e) // each may be another person's
	w.expect()
	w.now = w.now.Add(time.Hour)
	w.take("quarantined(automatic)", e)
	w.expect("alert automatic > " + ops)
	e.from = stranger
	w.take("ignored(automatic)", e)
	e.from = corner
	w.judge.unproven[corner] = true
	w.take("ignored(automatic)", e)
	w.expect()
}

// TestCopies: which copy of a message is a duplicate.
func TestCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	direct := email{id: "one@corner.test", from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}
	list := direct
	list.header = []string{"List-Id: <staff.corner.test>"}
	list.files = nil
	direct.files = nil
	w.take("ignored(automatic)", list)
	w.take("ignored(automatic)", list)
	w.take("request LT-2026-00001", direct)
	w.take("ignored(duplicate) LT-2026-00001", direct)
	w.take("ignored(automatic)", list) // the list's copy is another message
	w.sent()

	elsewhere := email{id: "two@corner.test", from: jo, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf("y")}}
	w.take("refused(personal-mailbox)", elsewhere)
	w.take("ignored(duplicate)", elsewhere)
	w.expect("refused personal-mailbox > " + jo)
	elsewhere.box = "own"
	w.take("request LT-2026-00002", elsewhere)
	a := w.expect(toAsha, toBen, "receipt > "+jo)[0]

	// What a decision answers is part of it.
	e := email{id: "three@helpdesk.test", from: asha, subject: "Re", text: "APPROVE"}
	w.take("refused(no-token)", e)
	e.answers = []string{a.MessageID}
	w.take("decision LT-2026-00002", e)
}

// TestRejectedLoop: automatic rejections are answers, of which a day has so many.
func TestRejectedLoop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(5)) // three at once
	for i := range 10 {
		w.take(fmt.Sprintf("request LT-2026-%05d", i+1), email{from: corner, subject: "MFA", text: asked})
	}
	const rejected = "rejected no-evidence > " + corner
	w.expect(rejected, rejected, rejected)
	w.now = w.now.Add(day)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "REJECT unsigned")) // which is none
	w.take("request LT-2026-00012", email{from: corner, subject: "MFA", text: asked})
	w.expect("rejected reviewer > "+corner, "decided reviewer > "+asha, "decided reviewer > "+ben, rejected)
}

// TestTooMuchEvidence: a review letter brings what fits, the newest first, and names the rest.
func TestTooMuchEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := func(name string, size int) string { return pdf(name + strings.Repeat("\n% "+name, size/(len(name)+3))) }
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked,
		files: []string{large("one", 9<<20), large("two", 1<<20)}})
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("information LT-2026-00001", reply(l[2], corner, "More.", large("three", 12<<20), pdf("four")))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	var got []string
	for _, a := range l[0].Attach {
		got = append(got, fmt.Sprintf("%d %s", a.InboundID, a.Filename))
	}
	same(t, "attached", []string{"1 letter2.pdf", "2 letter1.pdf", "2 letter2.pdf"}, got)
	got = nil
	for _, e := range l[0].Facts.Evidence {
		got = append(got, fmt.Sprint(e.Filename, " ", e.Unsent))
	}
	same(t, "listed", []string{"letter1.pdf true", "letter2.pdf false", "letter1.pdf false", "letter2.pdf false"}, got)
	w.take("decision LT-2026-00001", reply(l[0], asha, "APPROVE"))
}

// TestForeignLetters: what only looks like an address is not it.
func TestForeignLetters(t *testing.T) {
	t.Parallel()
	same(t, "canonical", "\u212Aim.day@corner.test", intake.Canonical(" \u212Aim.Day@CORNER.test "))
	for _, addr := range []string{"\u212Aim.day@corner.test", "kım@corner.test", "kim@cornér.test"} {
		if intake.IsAddress(addr) {
			t.Errorf("%s is an address", addr)
		}
	}
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
		text: form("\u212Aim.day@corner.test", "accessibility"), files: []string{pdf("x")}})
	same(t, "missing", []string{"user"}, w.expect("incomplete > " + corner)[0].Facts.Missing)
	_, err := intake.ReadSites("sites.csv", strings.NewReader(strings.Replace(sites, "eyes@", "e\u0443es@", 1)))
	says(t, err, "sites.csv:3", "ASCII", `\u0443`)
	_, err = w.Grant(t.Context(), "\u212Aim.day@corner.test", "other", "", "")
	says(t, err, "email address")
}

// TestOnlyMentioned: in an answer to a letter of ours the user is the conversation's, whoever else is named there. More such
// letters are in TestField.
func TestOnlyMentioned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]mention{
		"while reviewers decide": {func(w *world) intake.Outbound {
			_, _, receipt := w.pending()
			return receipt
		}, "information LT-2026-00001", intake.Pending, ""},
		"to the withdrawal": {func(w *world) intake.Outbound {
			_, _, receipt := w.pending()
			w.take("withdrawal LT-2026-00001", reply(receipt, corner, "WITHDRAW"))
			return w.expect("withdrawn > "+corner, "decided > "+asha, "decided > "+ben)[0]
		}, "request LT-2026-00002", intake.Pending, "complete"},
	} {
		t.Run(name, c.check)
	}
}

// mention is an answer that names somebody else, and what becomes of it.
type mention struct {
	begin func(w *world) intake.Outbound // the letter that is answered
	want  string
	state intake.State // of the request
	event string       // the last about it, where one is new
}

// check tests that the answer's evidence counts for the conversation's user, and that nobody else gets a request.
func (c mention) check(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := c.begin(w)
	w.sent()
	w.take(c.want, reply(l, corner, "Sam should have a letter. Ruth Hale's email is ruth.hale@trust.test, she wrote it because Sam cannot "+
		"use a phone.", pdf("hale")))
	_, ref, _ := strings.Cut(c.want, " ")
	same(t, "user", sam, w.inState(ref, c.state).User.Email)
	same(t, "the last request", ref, fmt.Sprintf("LT-2026-%05d", w.count()))
	history := must(w.store.History(t.Context(), ref))(t)
	if last := history[len(history)-1].Event; c.event != "" && string(last) != c.event {
		t.Errorf("the last event is %s, want %s", last, c.event)
	}
}

// TestAskedForBesides: in such an answer, whom the text asks for gets a request, and whom it mentions none.
func TestAskedForBesides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, _ := w.approved()
	w.take("request LT-2026-00002", reply(l, corner, "Could Kim Day (kim.day@corner.test) have one too? She cannot use a phone either, "+
		"Dr Patel's letter says so. Her email is h.patel@trust.test.", pdf("kim")))
	same(t, "user", kim, w.inState("LT-2026-00002", intake.Pending).User.Email)
	w.sent()
	w.take("information LT-2026-00001", reply(l, corner, "Dr Patel's email is h.patel@trust.test, by the way."))
	w.expect("alert site-wrote > "+ops, "passed-on > "+corner)
}
