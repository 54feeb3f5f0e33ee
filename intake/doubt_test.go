package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// pendingFor makes a complete request for a user, and returns the two review letters and the receipt.
func (w *world) pendingFor(user string) (ashas, bens, receipt intake.Outbound) {
	w.t.Helper()
	got := w.takeAll(w.arrival(email{from: corner, subject: "MFA", text: form(user, "accessibility"), files: []string{pdf(user)}}))
	same(w.t, "outcome", intake.OutcomeRequest, got[0].Outcome)
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	return l[0], l[1], l[2]
}

// TestOnBehalf: a delegate has no authority, whatever they hold.
func TestOnBehalf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	for _, header := range [][]string{{"Sender: Sam Lee <" + sam + ">"}, {"Sender: <" + ben + ">"}, {"sender: nobody"},
		{"Sender: <" + asha + ">, <" + sam + ">"}} {
		e := reply(a, asha, "APPROVE")
		e.header = header
		w.take("refused(on-behalf) "+a.Ref, e)
		w.expect("not-understood on-behalf > " + asha)
	}
	w.inState(a.Ref, intake.Pending)
	e := reply(a, asha, "APPROVE")
	e.header = []string{"Sender: Asha <A.Patel@trust.test>"}
	w.take("decision "+a.Ref, e)
	decided := w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)[2]
	e = reply(decided, asha, "REVOKE left")
	e.header = []string{"Sender: " + sam}
	w.take("refused(on-behalf) "+a.Ref, e)
	same(t, "who sent it", sam, w.expect("not-understood on-behalf > " + asha)[0].Facts.By)
}

// TestNamedAsSender: a site that names a reviewer as who sent its email (Sender) does not choose who decides.
// The reviewer and the operator are told, once.
func TestNamedAsSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, receipt := w.pending()
	e := reply(receipt, corner, "More evidence.", pdf("second"))
	e.header = []string{"Sender: <" + ben + ">"}
	w.take("information "+a.Ref, e)
	l := w.expect(toAsha, toBen, "receipt > "+corner, "alert named > "+ops)
	same(t, "of asha and ben, is told", []bool{false, true}, []bool{l[0].Facts.Named, l[1].Facts.Named})
	w.take("refused(superseded) "+a.Ref, reply(b, ben, "APPROVE"))
	w.expect("not-understood superseded > " + ben)

	w.passes(2 * time.Hour)
	e = reply(receipt, corner, "Any news?")
	e.header = []string{"Sender: <A.Patel@trust.test>"}
	w.take("information "+a.Ref, e)
	again := w.expect(toAsha, "alert named > "+ops, "status > "+corner)[0]
	same(t, "asha is told", true, again.Facts.Named)
	e.text, e.header = "He moves there on Monday.", []string{"Sender: <A.Patel@trust.test>"}
	w.take("information "+a.Ref, e)
	w.expect("information > "+asha, "information > "+ben)
	same(t, "who is said to have written", []string{ben, "a.patel@trust.test"}, w.inState(a.Ref, intake.Pending).Senders)
	w.take("decision "+a.Ref, reply(l[0], asha, "REJECT this is not enough")) // by the letter before
	w.inState(a.Ref, intake.Rejected)
}

// TestBarredForGood: who must not decide is kept with the request, whatever becomes of the register.
func TestBarredForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: bright, subject: "MFA",
		text: strings.ReplaceAll(asked, "corner", "bright"), files: []string{pdf("x")}}) // ben is a contact there
	a := w.expect(toAsha, "receipt > "+bright)[0]
	w.take("request LT-2026-00002", email{from: bright, subject: "MFA",
		text: strings.ReplaceAll(form(kim, "accessibility"), "corner", "bright"), files: []string{pdf("y")}})
	w.expect(toAsha, "receipt > "+bright)
	register := func(text string) func(c *config) {
		return func(c *config) {
			c.Sites = intake.NewRegister(must(intake.ReadSites("sites.csv", strings.NewReader(text)))(t))
		}
	}
	lines := strings.Split(sites, "\n")
	for name, text := range map[string]string{
		"the site has left":     strings.Join([]string{lines[0], lines[1]}, "\n"),
		"ben has left the site": strings.ReplaceAll(sites, "ben@helpdesk.test;", ""),
	} {
		w.configure(register(text))
		if _, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", ben); err == nil {
			t.Errorf("%s, and ben decided", name)
		}
		same(t, name, []string{asha}, addresses(w.config.Deciding(must(w.store.Request(t.Context(), a.Ref))(t))))
	}
	w.configure(register(lines[0] + "\n" + lines[1]))
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE UNTIL 2026-03-05")) // who was never barred
	w.expect("decided > "+asha, "approved > "+bright, "approved > sam.lee@bright.test")
	w.digests()
	w.passes(day)
	for _, line := range w.digests() {
		same(t, "ben is told what ends: "+line, false, strings.Contains(line, "> ben: ") && strings.Contains(line, "ends"))
	}
}

// TestBarredOfOld: of a request that a version before stored, nobody is known to be free to decide once its
// site has left the register.
func TestBarredOfOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	req := w.inState(a.Ref, intake.Pending)
	req.Barred, req.Senders = nil, []string{asha}
	ok(t, w.store.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateRequest(t.Context(), req, req.State) }))
	same(t, "while it is there", []string{ben}, addresses(w.config.Deciding(req)))
	none := func(c *config) {
		c.Sites = intake.NewRegister(must(intake.ReadSites("sites.csv", strings.NewReader(strings.SplitAfter(sites, "\n")[0])))(t))
	}
	w.configure(none)
	same(t, "once it has left", []string(nil), addresses(w.config.Deciding(req)))
	w.configure()
	w.take("information "+a.Ref, reply(receipt, corner, "Any news?")) // which keeps who must not decide
	w.configure(none)
	same(t, "once that is kept", []string{ben}, addresses(w.config.Deciding(w.inState(a.Ref, intake.Pending))))
}

// TestSitesMailbox: no decision is taken in a mailbox to which a site can write, nor any word of absence.
func TestSitesMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	planted := func(text string) email {
		e := reply(a, asha, text)
		e.box = "own"
		return e
	}
	w.take("refused(site-mailbox) "+a.Ref, planted("APPROVE"))
	w.expect("not-understood site-mailbox > " + asha)
	w.inState(a.Ref, intake.Pending)
	away := autoReply(a, asha)
	away.box = "own"
	w.takeAll(w.arrival(away))
	w.isAway(false)

	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	decided := w.expect("decided > "+asha, "decided > "+ben, "approved > "+corner, "approved > "+sam)[0]
	e := reply(decided, asha, "REVOKE left")
	e.box = "own"
	w.take("refused(site-mailbox) "+a.Ref, e)
	w.expect("not-understood site-mailbox > " + asha)
}

func addresses(reviewers []intake.Reviewer) (out []string) {
	for _, r := range reviewers {
		out = append(out, r.Address)
	}
	return out
}

// TestSeveralRequests: what names two requests decides on neither.
func TestSeveralRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a1, b1, _ := w.pending()
	a2, _, _ := w.pendingFor(kim)
	for name, edit := range map[string]func(e *email){
		"the other's code in the subject": func(e *email) { e.subject = "Re: [" + a2.Facts.Code + "]" },
		"the other's code in the text":    func(e *email) { e.text += "\n\n> Review code: " + a2.Facts.Code },
		"the other's letter further up":   func(e *email) { e.answers = []string{a2.MessageID, a1.MessageID} },
		"the other's reference":           func(e *email) { e.subject = "Re: [lt-2026-00002] Please decide" },
		"both references":                 func(e *email) { e.subject = "LT-2026-00001 and LT-2026-00002" },
		"no such reference":               func(e *email) { e.subject = "ST-2026-00009" },
	} {
		e := reply(a1, asha, "APPROVE")
		e.subject = "Re: something"
		edit(&e)
		w.takeAll(w.arrival(e))
		l := w.sent()
		if len(l) != 1 || l[0].Facts.Why != intake.WhySeveral || l[0].To != asha {
			t.Errorf("%s: the letters are %v", name, l)
		}
	}
	w.inState(a1.Ref, intake.Pending)
	w.inState(a2.Ref, intake.Pending)
	// Of several codes of one request the nearest counts.
	e := reply(a1, asha, "APPROVE")
	e.text += "\n\n> Review code: " + b1.Facts.Code
	w.take("decision "+a1.Ref, e)
}

// TestEarliestEnd: of two approvals the earlier end holds, whoever set it.
func TestEarliestEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, ends string }{
		{"APPROVE UNTIL 2026-04-01", "APPROVE", "2026-04-01"},
		{"APPROVE", "APPROVE UNTIL 2026-04-01", "2026-04-01"},
		{"APPROVE UNTIL 2026-04-01", "APPROVE UNTIL 2026-05-01", "2026-04-01"},
		{"APPROVE UNTIL 2026-05-01", "APPROVE UNTIL 2026-04-01", "2026-04-01"},
		{"APPROVE", "APPROVE", "2026-08-29"},
		{"APPROVE UNTIL 2026-08-29", "APPROVE", "2026-08-29"},
	} {
		w := newWorld(t, twoApprovals)
		a, b, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, c.first))
		w.take("decision "+a.Ref, reply(b, ben, c.second))
		e := must(w.store.Exception(t.Context(), a.Ref))(t)
		same(t, c.first+" and "+c.second, c.ends, e.EndsAt.Format(time.DateOnly))
		if e.EndsAt.After(noon.Add(180 * day)) {
			t.Errorf("%s and %s: it ends after the full period, at %s", c.first, c.second, e.EndsAt)
		}
	}
	w := newWorld(t, twoApprovals)
	a, b, _ := w.pending()
	must(w.DecideByHand(t.Context(), a.Ref, "approve", "until 2026-03-05", asha))(t)
	w.now = w.now.Add(10 * day) // an approval until a day that is over is none
	w.take("decision "+a.Ref, reply(b, ben, "APPROVE"))
	w.inState(a.Ref, intake.Pending)
	must(w.DecideByHand(t.Context(), a.Ref, "approve", "", asha))(t)
	w.inState(a.Ref, intake.Approved)
}

// TestSecondThoughts: the first of two approvals can be taken back.
func TestSecondThoughts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, letter string
		state        intake.State
	}{
		{"REJECT it is forged", "rejected reviewer > " + corner, intake.Rejected},
		{"INFO who signed it?", "question > " + corner, intake.NeedsInfo},
	} {
		w := newWorld(t, twoApprovals)
		a, b, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		w.take("refused(not-now) "+a.Ref, reply(a, asha, "APPROVE"))
		w.expect("not-understood not-now > " + asha)
		w.take("decision "+a.Ref, reply(a, asha, c.text))
		if !slices.ContainsFunc(w.sent(), func(o intake.Outbound) bool { return strings.HasPrefix(c.letter, string(o.Template)) }) {
			t.Errorf("%s: no letter %s", c.text, c.letter)
		}
		w.inState(a.Ref, c.state)
		why := map[bool]string{true: "already-decided", false: "not-now"}[c.state == intake.Rejected]
		w.take("refused("+why+") "+a.Ref, reply(b, ben, "APPROVE"))
	}
}

// TestReasonGone: how many must approve is then unknown, and nobody does.
func TestReasonGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, _ := w.pending()
	w.configure(twoApprovals, func(c *config) { c.Policy.LongTerm.Reasons = c.Policy.LongTerm.Reasons[1:] })
	w.take("refused(reason-gone) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("not-understood reason-gone > "+asha, "alert reason-gone > "+ops)
	_, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", asha)
	says(t, err, "accessibility", "put it back")
	w.inState(a.Ref, intake.Pending)
	w.take("decision "+a.Ref, reply(b, ben, "REJECT the reason is gone"))
}

// TestNoShorter: an approval takes no time from what the user has.
func TestNoShorter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	a, _, _ := w.pending()
	w.take("refused(bad-until) "+a.Ref, reply(a, asha, "APPROVE UNTIL 2026-03-05"))
	same(t, "the end that stands", noon.Add(180*day), w.expect("not-understood bad-until > " + asha)[0].Facts.Ends)
	_, err := w.DecideByHand(t.Context(), a.Ref, "approve", "UNTIL 2026-03-05", asha)
	says(t, err, "LT-2026-00001", "29 August 2026, 13:00 BST")
	same(t, "the exception", intake.Active, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).State)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	same(t, "superseded", intake.Superseded, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).State)
	w.sent()
	w.now = noon.Add(180 * day) // over, though nobody has seen to it
	b, _, _ := w.pending()
	w.take("decision "+b.Ref, reply(b, asha, "APPROVE UNTIL 2026-09-05"))
}

// TestEndedUnseen: of what was over before a renewal was approved people are told with it, and not again.
func TestEndedUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.now = noon.Add(179 * day)
	a, _, _ := w.pending()
	w.now = noon.Add(180*day + time.Hour)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("ended > "+corner, "ended > "+sam, "approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)
	w.sweep()
	w.expect()
	same(t, "the first", intake.Ended, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).State)
	w.events("LT-2026-00001", "complete", "approve", "ended")
}

// TestCodesHidden: a code is shown to nobody but its reviewer.
func TestCodesHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	hidden := func(letters []intake.Outbound) {
		t.Helper()
		for _, o := range letters {
			all := strings.Join(slices.Concat([]string{o.Facts.Said, o.Facts.Justification, o.Facts.Headline}, o.Facts.Lines,
				o.Facts.Todo), "\n")
			for _, h := range o.Facts.History {
				all += h.Text
			}
			for _, token := range []string{a.Facts.Code, b.Facts.Code} {
				if strings.Contains(strings.ToLower(all), token) {
					t.Errorf("%s to %s shows a code:\n%s", o.Template, o.To, all)
				}
			}
		}
	}
	w.judge.unproven[asha] = true
	w.take("quarantined(unauthenticated)", email{from: asha, subject: "Re: [" + strings.ToUpper(a.Facts.Code) + "]", text: "APPROVE"})
	l := w.expect("alert unproven-attempt with code 1 > " + ops)
	hidden(l)
	if lines := strings.Join(l[0].Facts.Lines, "\n"); !strings.Contains(lines, "[mfa-…]") {
		t.Errorf("the operator is told:\n%s", lines)
	}
	w.judge.unproven[asha] = false
	w.take("refused(no-question) "+a.Ref, reply(a, asha, "INFO\n\nReview code: "+a.Facts.Code))
	w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed it?\nPlease decide\nReview code: something\nUser: sam"))
	l = w.sent()
	hidden(l)
	same(t, "question", "Who signed it?\nPlease decide", l[len(l)-1].Facts.Said)
	w.take("information "+a.Ref, reply(l[len(l)-1], corner, "Dr May. "+b.Facts.Code))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	hidden(l)
	same(t, "answer", "Dr May. mfa-…", l[0].Facts.Said)
	w.take("decision "+a.Ref, reply(l[1], ben, "REJECT no\n"+l[1].Facts.Code+"\nmore"))
	same(t, "reason", "no", w.sent()[0].Facts.Said)
}
