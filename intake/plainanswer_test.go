package intake_test

import (
	"testing"

	"mfabot/intake"
)

// TestOneWordForTheReason: where the reason is missing, its name, one word of it or its number in the letter is enough, and
// nothing of what was understood is lost.
func TestOneWordForTheReason(t *testing.T) {
	t.Parallel()
	for answer, reason := range map[string]string{
		"accessibility": "accessibility", "Accessibility issue\n\nThanks\nJo": "accessibility", "1": "accessibility", "2.": "clinical-risk",
		"Hi,\n\nNumber 3 please.": "secure-location", "secure": "secure-location", "Other": "other", "4": "other", "clinical risk": "clinical-risk",
		"User: " + sam + "\nName: Sam Lee\nReason: 3\nDetails: (we have these)\n": "secure-location",
		"Reason: clinical": "clinical-risk",
		"5":                "", "yes": "", "1 or 2": "", "Thanks": "",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Please exempt " + sam, files: []string{pdf("x")}})
			l := w.expect("incomplete > " + corner)[0]
			same(t, "missing", []string{"reason"}, l.Facts.Missing)
			m := w.takeAll(w.arrival(reply(l, corner, answer)))[0]
			state := intake.Pending
			if reason == "" {
				state = intake.Incomplete
			}
			r := w.inState("LT-2026-00001", state)
			same(t, "reason", reason, r.Reason)
			same(t, "user", sam, r.User.Email)
			if t.Failed() {
				t.Logf("%s\n%+v\n%q", outcome(m), m.Checks, r.Justification)
			}
		})
	}
}

// TestOneWordByTheCode: so it is where the answer names no message of ours, and has the letter's code in its subject.
func TestOneWordByTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Please exempt " + sam, files: []string{pdf("x")}})
	l := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00001", email{from: corner, subject: "Re: [" + l.Ref + "] Please tell us more [" +
		l.Facts.Code + "]", text: "3"})
	same(t, "reason", "secure-location", w.inState("LT-2026-00001", intake.Pending).Reason)
}

// TestOneLineForTheUser: where the user is missing, the address alone is enough; and with a second line for the reason.
func TestOneLineForTheUser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asked, answer, reason string }{
		{"Reason: accessibility\n", sam, "accessibility"},
		{"Reason: accessibility\n", "Sam Lee <" + sam + ">\n\nJo", "accessibility"},
		{"A colleague needs an exception.", sam + "\n2", "clinical-risk"},
		{"A colleague needs an exception.", sam + ", secure location", "secure-location"},
		{"A colleague needs an exception.", "Sam Lee (" + sam + ")\nAccessibility", "accessibility"},
	} {
		t.Run(c.answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: c.asked, files: []string{pdf("x")}})
			l := w.expect("incomplete > " + corner)[0]
			w.take("request LT-2026-00001", reply(l, corner, c.answer))
			r := w.inState("LT-2026-00001", intake.Pending)
			same(t, "user and reason", sam+" "+c.reason, r.User.Email+" "+r.Reason)
		})
	}
}

// TestOneWordForTheLength: long or short, by a word or by its number.
func TestOneWordForTheLength(t *testing.T) {
	t.Parallel()
	for answer, state := range map[string]intake.State{
		"Long": intake.Pending, "1": intake.Pending, "LONG TERM": intake.Pending, "the longer one": intake.Pending,
		"short": intake.Withdrawn, "2": intake.Withdrawn, "Short term please": intake.Withdrawn, "Today": intake.Withdrawn,
		"yes": intake.Incomplete, "3": intake.Incomplete,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA", files: []string{pdf("prison")},
				text: "Please could Sam Lee (" + sam + ") have a 24 hour exception? Until tomorrow please. Phones are not allowed on the ward."})
			l := w.expect("incomplete > " + corner)[0]
			w.takeAll(w.arrival(reply(l, corner, answer)))
			w.inState("LT-2026-00001", state)
		})
	}
}

// TestOneWordForTheMethod: the receipt asks whether a method is registered where the site has not said it. Yes or no is
// enough, and reviewers see what it answers.
func TestOneWordForTheMethod(t *testing.T) {
	t.Parallel()
	for answer, method := range map[string]string{"Yes": "yes", "No, not yet.": "no", "Yes, she has.\n\nThanks\nJo": "yes",
		"She uses the Authenticator app, it was set up last week.": "yes", "I do not know": "unknown"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, receipt := w.pending()
			same(t, "at first", "unknown", w.inState(a.Ref, intake.Pending).AuthMethod)
			w.take("information "+a.Ref, reply(receipt, corner, answer))
			same(t, "then", method, w.inState(a.Ref, intake.Pending).AuthMethod)
			if method == "unknown" {
				w.expect("information > "+asha, "information > "+ben)
				return
			}
			l := w.expect("information method > "+asha, "information method > "+ben)
			same(t, "the letter", method, l[0].Facts.AuthMethod)
			w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
		})
	}
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Yes"))
	w.sent()
	w.take("information "+a.Ref, reply(receipt, corner, "No, sorry, there is none registered."))
	same(t, "a later answer", "no", w.inState(a.Ref, intake.Pending).AuthMethod)
}

// TestOneWordForTheAddress: where the letter asks whether an address is the right one, yes puts it right, and no leaves it.
func TestOneWordForTheAddress(t *testing.T) {
	t.Parallel()
	for answer, user := range map[string]string{"Yes": "pip.ray@corner.test", "No": sam, "Not sure": sam} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, _, receipt := w.pending()
			w.take("information "+a.Ref, reply(receipt, corner, "The address should be pip.ray@corner.test"))
			l := w.expect("information > "+asha, "information > "+ben, "address > "+corner)[2]
			same(t, "asked for", "pip.ray@corner.test", l.Facts.Right)
			w.takeAll(w.arrival(reply(l, corner, answer)))
			same(t, "user", user, w.inState(a.Ref, intake.Pending).User.Email)
		})
	}
}
