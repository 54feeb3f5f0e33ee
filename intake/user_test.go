package intake_test

import (
	"strings"
	"testing"

	"mfabot/intake"
)

// TestUsersReachAPerson: what users write about their exceptions is read by the operator, who can act; they
// hear what happens next, and never that nobody is given an exception.
func TestUsersReachAPerson(t *testing.T) {
	t.Parallel()
	const ref = "LT-2026-00001"
	for _, c := range []struct {
		name, text string
		anew       bool // a new email, not an answer to the notice
		letters    []string
	}{
		{"never asked", "I never asked for this. Take it off my account.", false, []string{"alert user-wrote > " + ops, "passed-on > " + sam}},
		{"their data", "Please delete my data.", false, []string{"alert user-wrote > " + ops, "passed-on > " + sam}},
		{"cannot telephone", "I am deaf and cannot telephone. What do I do?", true, []string{"alert user-wrote > " + ops, "passed-on > " + sam}},
		{"thanks", "Thank you, it works now\nSam", false, nil},
		{"thanks, and a doubt", "Thanks, but it does not work", false, []string{"alert user-wrote > " + ops, "passed-on > " + sam}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, _ := w.pending()
			w.take("decision "+ref, reply(a, asha, "APPROVE"))
			notice := w.expect("approved > "+sam, "approved > "+corner, "decided > "+asha, "decided > "+ben)[0]
			e := reply(notice, sam, c.text)
			if c.anew {
				e = email{from: sam, subject: "MFA", text: c.text}
			}
			w.take("information "+ref, e)
			l := w.expect(c.letters...)
			if len(l) > 0 {
				same(t, "quoted", c.text, l[0].Facts.Said)
				says := strings.Join(l[0].Facts.Todo, "\n")
				same(t, "how to end it", true, strings.Contains(says, "mfabot revoke "+ref))
				same(t, "how to delete their data comes last", "mfabot erase "+sam, says[max(0, len(says)-len("mfabot erase "+sam)):])
				same(t, "the user is told the end", must(w.store.Exception(t.Context(), ref))(t).EndsAt, l[1].Facts.Ends)
			}
			same(t, "state", intake.Active, must(w.store.Exception(t.Context(), ref))(t).State)
		})
	}
}

// TestUsersNotProven: nobody is told anything on an unproven email, and a stranger's reference makes no user.
func TestUsersNotProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, toReviewer := w.approved()
	w.judge.unproven[sam] = true
	w.take("quarantined(unauthenticated)", email{from: sam, subject: "MFA", text: "I never asked for this"})
	w.expect("alert unauthenticated > " + ops)
	w.take("refused(not-registered)", email{from: stranger, subject: "[" + toReviewer.Ref + "]", text: "End this at once"})
	w.expect("refused not-registered > " + stranger)
}

// TestUserWritesALot: each user is passed on a few times a day, and the rest is on record.
func TestUserWritesALot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	most := w.config.Policy.AnswersADay
	alerts := 0
	for range most + 3 {
		w.take("information LT-2026-00001", email{from: sam, subject: "MFA", text: "Who did this?"})
		for _, o := range w.sent() {
			if o.Template == intake.LetterAlert {
				alerts++
			}
		}
	}
	same(t, "alerts at most", true, alerts > 0 && alerts <= most)
}
