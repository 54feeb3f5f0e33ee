package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestField has what people, programs and servers did in the field.
func TestField(t *testing.T) {
	t.Parallel()
	for row, holds := range map[string]func(t *testing.T){
		"t_flow4 k1": mention{func(w *world) intake.Outbound {
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
			return w.expect("rejected no-evidence > " + corner)[0]
		}, "request LT-2026-00001", intake.Pending, "resubmit"}.check,
		"t_flow4 k2": mention{func(w *world) intake.Outbound { return w.question() },
			"information LT-2026-00001", intake.Pending, "answer"}.check,
		"t_flow4 k4": mention{func(w *world) intake.Outbound {
			l, _ := w.approved()
			return l
		}, "renewal LT-2026-00002", intake.Pending, "complete"}.check,

		"t_flow f1-reaction": leavesOpen("Rosa Lind reacted to your message: [LT-2026-00001] A question about your request",
			"\U0001F44D\tRosa Lind reacted to your message:"),
		"t_flow f1-ack": leavesOpen("Re: [LT-2026-00001] A question about your request", "Thank you for contacting Corner Pharmacy. "+
			"Your message has been received and we will respond within two working days.\n\nPlease do not reply to this email.\n"),
		"t_flow f1-emoji": leavesOpen("RE: [LT-2026-00001] A question about your request", "\U0001F44D\n"),
		"t_flow f3-ack and t_flow2 F": func(t *testing.T) {
			t.Run("the same words", resubmitLoop)
			t.Run("other words", func(t *testing.T) { answersLoop(t, "a rejection") })
		},

		"t_flow3 h2":          ownLetterIsNoEvidence,
		"t_flow3 h3":          ownList,
		"t_flow3 NDR routing": countsFor("rfc822; corner@tenant.mail.onmicrosoft.test"),
		"t_flow3 NDR x500":    countsFor("x500; /o=Labs/ou=Group/cn=Recipients/cn=9f1c"),
		"t_flow5 NDR 5.1.90":  refusesSender("5.1.90"),
		"t_flow5 NDR 5.7.705": refusesSender("5.7.705"),

		"t_misc z1,z1b,z2,z3,z5": fromRequestToEnd,
		"t_flow6 j2": lacking{"no code", func(e *email, _ intake.Outbound) { e.answers = nil }, "refused(no-token)",
			"not-understood no-token > " + asha}.check,
	} {
		t.Run(row, holds)
	}
}

// question is what a reviewer asks the site.
func (w *world) question() intake.Outbound {
	w.t.Helper()
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "INFO who signed the letter?"))
	return w.expect("question > " + corner)[0]
}

// leavesOpen tests that an email above our question answers nothing: the question stays open, reviewers hear nothing, and the
// site's own answer counts.
func leavesOpen(subject, text string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		q := w.question()
		e := reply(q, corner, text+"________________________________\nFrom: NHSmail Helpdesk <mfa@helpdesk.test>\n"+
			"Sent: Monday, March 2, 2026 12:00 PM\nTo: Corner Pharmacy <"+corner+">\nSubject: [LT-2026-00001] A question about your "+
			"request\n\nWho signed the letter?\n")
		e.subject = subject
		w.takeAll(w.arrival(e))
		w.inState("LT-2026-00001", intake.NeedsInfo)
		for _, o := range w.sent() {
			if o.To != corner {
				t.Errorf("%s to %s", o.Template, o.To)
			}
		}
		w.take("information LT-2026-00001", reply(q, corner, "Dr May did."))
		w.inState("LT-2026-00001", intake.Pending)
	}
}

// resubmitLoop: a machine that answers our rejections without saying that it is one gets the same letter twice at most.
func resubmitLoop(t *testing.T) {
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
	l := w.sent()[0]
	letters := 1
	for range 10 {
		w.now = w.now.Add(7 * time.Hour) // so that no day's limit is reached
		w.take("information LT-2026-00001", reply(l, corner, "Your email is important to us."))
		for _, o := range w.sent() {
			if o.Template == l.Template {
				letters++
			}
		}
	}
	same(t, "letters", 2, letters)
}

// ownLetterIsNoEvidence: a letter of ours that is attached proves nothing, whoever's header it still has.
func ownLetterIsNoEvidence(t *testing.T) {
	w := newWorld(t)
	own := "Content-Type: message/rfc822\n\nFrom: NHSmail Helpdesk <mfa@helpdesk.test>\nSubject: [LT-2026-00001] Not " +
		"approved\n\nYour request has no evidence.\n"
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked, parts: []string{own}})
	w.inState("LT-2026-00001", intake.Rejected)
	w.tells(w.expect("rejected no-evidence > " + corner)[0], "one of our own emails")
	others := w.answer("LT-2026-00001", "The letter of the ward.")
	others.parts = []string{strings.Replace(own, "mfa@helpdesk.test", "ward@prison.test", 1)}
	w.take("request LT-2026-00001", others)
	w.inState("LT-2026-00001", intake.Pending)
}

// ownList: a group that has our own address passes mail on as a list does. What it adds is no sign of a machine; that of
// another list is, and what the author's own program says.
func ownList(t *testing.T) {
	w := newWorld(t)
	ours := []string{"List-Id: MFA desk <mfa.helpdesk.test>", "List-Post: <mailto:mfa@helpdesk.test>", "Precedence: list"}
	w.take("ignored(automatic)", email{from: corner, subject: "Away", text: "I am away until Monday.",
		header: append(slices.Clone(ours), "Auto-Submitted: auto-replied")})
	w.take("ignored(automatic)", email{from: corner, subject: "MFA", text: asked,
		header: append(slices.Clone(ours), "List-Id: <staff.corner.test>")})
	w.expect()
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked, header: ours})
}

// fromRequestToEnd: requests are taken and decided on, from a reviewer's other address as well, and who is exempt by them is
// so no longer when they end.
func fromRequestToEnd(t *testing.T) {
	p := newPeople()
	p.account[kim] = "Kim"
	w := newWorld(t, p.in)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "Approve"))
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: form(kim, "accessibility"),
		files: []string{pdf("kim")}})
	w.take("decision LT-2026-00002", reply(w.reviewOf("LT-2026-00002", asha), "a.patel@trust.test", "INFO who signed the letter?"))
	w.take("information LT-2026-00002", w.answer("LT-2026-00002", "Dr May did."))
	w.take("decision LT-2026-00002", reply(w.reviewOf("LT-2026-00002", asha), "a.patel@trust.test", "APPROVE UNTIL 2026-06-01"))
	w.take("request LT-2026-00003", email{from: bright, subject: "MFA", text: form("pat@corner.test", "accessibility"),
		files: []string{pdf("pat")}})
	w.take("decision LT-2026-00003", reply(w.reviewOf("LT-2026-00003", asha), asha, "Reject: the letter is not signed"))
	w.inState("LT-2026-00003", intake.Rejected)
	w.enforce()
	same(t, "exempt", map[string]bool{"Sam": true, "Kim": true}, p.exempt)
	w.now = noon.Add(92 * day)
	w.sweep()
	w.enforce()
	same(t, "exempt when one has ended", map[string]bool{"Sam": true}, p.exempt)
	w.now = noon.Add(181 * day)
	w.sweep()
	w.enforce()
	same(t, "exempt in the end", map[string]bool{}, p.exempt)
}

// reviewOf is the newest review email of a request to a reviewer.
func (w *world) reviewOf(ref, reviewer string) (last intake.Outbound) {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.Ref == ref && o.To == reviewer && o.Template == intake.LetterReview {
			last = w.WithCode(o)
		}
	}
	return last
}
