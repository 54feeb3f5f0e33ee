package intake_test

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// autoReply is the automatic answer of Exchange to a letter.
func autoReply(o intake.Outbound, from string) email {
	return email{from: from, subject: "Automatic reply: [" + o.Ref + "] something", text: "I am away until Monday.",
		answers: []string{o.MessageID}, header: []string{"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"}}
}

// isAway checks whether asha is away.
func (w *world) isAway(want bool) {
	w.t.Helper()
	away := false
	for _, a := range must(w.store.Absences(w.t.Context()))(w.t) {
		away = away || a.Reviewer == asha && a.At(w.now)
	}
	same(w.t, "asha is away", want, away)
}

// asksFor begins another request.
func (w *world) asksFor(user string) {
	w.t.Helper()
	m := w.takeAll(w.arrival(email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, sam, user),
		files: []string{pdf(user)}}))[0]
	same(w.t, "outcome", intake.OutcomeRequest, m.Outcome)
}

// TestOutOfOffice: an automatic reply of a reviewer is never answered, and brings in the deputy at once, for
// what is open and for what comes.
func TestOutOfOffice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, _, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	c := w.expect("review away > " + cleo)[0]
	same(t, "in place of", "Asha Patel", c.Facts.InPlaceOf)
	w.isAway(true)
	w.take("ignored(automatic)", autoReply(a, "a.patel@trust.test"))
	w.expect()
	w.asksFor(kim)
	w.sweep()
	w.expect(toAsha, toBen, "receipt > "+corner, "review away > "+cleo)
	w.passes(2 * day)
	same(t, "who is reminded", []string{"4 Mar 12:00 reminders > ben", "4 Mar 12:00 reminders > cleo"}, w.followed())

	// Who writes is there again: what they were not reminded of, they are now.
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.isAway(false)
	w.sent()
	w.later(time.Hour)
	w.expect("reminder > " + asha)
	w.asksFor("lee.fox@corner.test")
	w.sweep()
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.events("", "away", "back")

	// A late copy of the reply changes nothing.
	w.take("ignored(automatic)", autoReply(a, asha))
	w.isAway(false)
}

// TestAbsenceEnds: after the time of the policy, where another reply does not make it longer; and only one
// begins in a day.
func TestAbsenceEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, _, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.now = noon.Add(4 * day)
	w.take("ignored(automatic)", autoReply(a, asha))
	w.now = noon.Add(18*day - time.Second)
	w.isAway(true)
	w.now = noon.Add(18 * day)
	w.isAway(false)

	w.asksFor(kim)
	l := w.sent()
	var newest intake.Outbound
	for _, o := range l {
		if o.To == asha {
			newest = o
		}
	}
	for range 3 { // on and off
		w.take("ignored(automatic)", autoReply(newest, asha))
		w.isAway(true)
		w.take("refused(no-token)", email{from: asha, subject: "I am here", text: "for a moment"})
		w.isAway(false)
		w.now = w.now.Add(time.Minute)
		w.asksFor("user" + w.now.Format("04") + "@corner.test")
		for _, o := range w.sent() {
			if o.To == asha && o.Template == intake.LetterReview {
				newest = o
			}
		}
		w.take("ignored(automatic)", autoReply(newest, asha))
		w.isAway(false)
		w.now = w.now.Add(25 * time.Hour)
	}
}

// TestNoAbsence: what is not certainly a reviewer's automatic reply to a letter of ours moves nothing.
func TestNoAbsence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(w *world, e *email, a, b intake.Outbound)
	}{
		{"not proven", func(w *world, _ *email, _, _ intake.Outbound) { w.judge.unproven[asha] = true }},
		{"what it answers is not proven", func(w *world, _ *email, _, _ intake.Outbound) {
			w.judge.uncovered = []string{"in-reply-to", "references", "subject"}
		}},
		{"its mark is not proven", func(w *world, _ *email, _, _ intake.Outbound) { w.judge.uncovered = []string{"auto-submitted"} }},
		{"it is to the deputy", func(_ *world, e *email, _, _ intake.Outbound) { e.to = "To: <" + cleo + ">" }},
		{"it answers nothing", func(_ *world, e *email, _, _ intake.Outbound) { e.answers = nil }},
		{"it answers somebody else's letter", func(_ *world, e *email, _, b intake.Outbound) { e.answers = []string{b.MessageID} }},
		{"it answers nothing of ours", func(_ *world, e *email, _, _ intake.Outbound) { e.answers = []string{"x@elsewhere.test"} }},
		{"it answers an old letter", func(w *world, _ *email, _, _ intake.Outbound) { w.now = w.now.Add(5 * day) }},
		{"it is a site's", func(_ *world, e *email, _, _ intake.Outbound) { e.from = corner }},
		{"it is a stranger's", func(_ *world, e *email, _, _ intake.Outbound) { e.from = stranger }},
		{"it is a receipt", func(_ *world, e *email, _, _ intake.Outbound) { e.subject = "Read: " + e.subject }},
		{"it comes from a list", func(_ *world, e *email, _, _ intake.Outbound) { e.header = append(e.header, "List-Id: <all.test>") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withCleo)
			a, b, _ := w.pending()
			e := autoReply(a, asha)
			c.change(w, &e, a, b)
			m := w.takeAll(w.arrival(e))[0]
			same(t, "outcome", "ignored(automatic)", outcome(m))
			w.expect()
			same(t, "absences", 0, len(must(w.store.Absences(t.Context()))(t)))
			w.events("")
		})
	}
}

// TestNobodyIsThere: where all are away, the operator hears of it at once, and once.
func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.Reviewers[0].Deputy, c.Reviewers[1].Deputy = ben, asha })
	a, b, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.expect() // ben was asked already
	w.take("ignored(automatic)", autoReply(b, ben))
	alert := w.expect("alert nobody-there > " + ops)[0]
	same(t, "headline", "Nobody who was asked to decide is there", alert.Facts.Headline)
	w.passes(3 * day)
	w.expect()
}

// TestDeputyOfDeputy: a deputy who is away is stood in for too.
func TestDeputyOfDeputy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo, func(c *config) {
		c.Reviewers[2].Deputy = "dev@helpdesk.test"
		c.Reviewers = append(c.Reviewers, intake.Reviewer{Address: "dev@helpdesk.test", Name: "Dev Ray", Standby: true})
	})
	must(w.Delegate(t.Context(), cleo, "", "", "Ops"))(t)
	a, _, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	l := w.expect("review away > "+cleo, "review away > dev@helpdesk.test")
	same(t, "in place of", "Cleo Dunn", l[1].Facts.InPlaceOf)
}

// TestDelegate: a command moves the open reviews, until its day or another command.
func TestDelegate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	for _, c := range []struct{ reviewer, to, until, want string }{
		{stranger, "", "", `"sue@elsewhere.test" is not a reviewer`},
		{ben, "", "", "ben@helpdesk.test has no deputy in the configuration"},
		{asha, stranger, "", `"sue@elsewhere.test" must not decide`},
		{asha, "a.patel@trust.test", "", "asha@helpdesk.test cannot stand in for themselves"},
		{asha, "", "2026-03-01", "expected a day from today on, such as 2026-03-09"},
		{asha, "", "next week", "expected a day from today on"},
	} {
		_, err := w.Delegate(t.Context(), c.reviewer, c.to, c.until, "Ops")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
	a, _, _ := w.pending()
	absence := must(w.Delegate(t.Context(), "A.Patel@trust.test", "", "2026-03-03", "Ops"))(t)
	same(t, "until", time.Date(2026, 3, 3, 23, 59, 59, 0, time.UTC), absence.Until)
	w.expect("review away > " + cleo)
	w.take("refused(no-token)", email{from: asha, subject: "I am away", text: "and write nonetheless"})
	w.expect("not-understood no-token > " + asha)
	w.isAway(true) // a command said so
	w.take("ignored(automatic)", autoReply(a, asha))
	w.expect()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.sent()
	w.passes(2 * day)
	w.isAway(false)

	must(w.Delegate(t.Context(), asha, ben, "", "Ops"))(t)
	w.later(90 * day)
	w.isAway(true)
	ok(t, w.Return(t.Context(), asha, "Ops"))
	w.isAway(false)
	if err := w.Return(t.Context(), asha, "Ops"); err == nil || err.Error() != asha+" is not away" {
		t.Errorf("again: %v", err)
	}
	w.events("", "away", "away", "back")
}
