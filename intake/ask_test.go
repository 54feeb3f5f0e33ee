package intake_test

import (
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
)

// TestStatusOrRequest: a form or evidence below STATUS is a request; a question about somebody is not.
func TestStatusOrRequest(t *testing.T) {
	t.Parallel()
	const form = "User: " + kim + "\nReason: accessibility\nDetails: She has a tremor.\nAuthentication method registered: yes\n"
	for _, c := range []struct {
		name, text string
		files      []string
		letters    []string
	}{
		{"a form", "STATUS\n\n" + form, nil, []string{"rejected no-evidence > " + corner}},
		{"a form with evidence", "STATUS\n\n" + form, []string{pdf("kim")}, []string{"receipt > " + corner, toAsha, toBen}},
		{"a form below HELP", "HELP\n\n" + form, []string{pdf("kim")}, []string{"receipt > " + corner, toAsha, toBen}},
		{"a question", "STATUS\nWhere is " + kim + "?", nil, []string{"status > " + corner}},
		{"a name", "Status.\n\nJo Marsh\nCorner Pharmacy", nil, []string{"status > " + corner}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.takeAll(w.arrival(email{from: corner, subject: "MFA", text: c.text, files: c.files}))
			w.expect(c.letters...)
		})
	}
}

// TestStatusInAReply: STATUS below a letter about a request is answered with that request first, and with all the rest.
func TestStatusInAReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending()
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, sam, kim),
		files: []string{pdf("kim")}})
	receipt := w.expect("receipt > "+corner, toAsha, toBen)[0]
	w.take("information", reply(receipt, corner, "STATUS"))
	f := w.expect("status > " + corner)[0].Facts
	same(t, "requests", []string{"LT-2026-00002", "LT-2026-00001"}, refsOf(f))
}

// TestStatusThatIsNone: what is quoted or stands in a signature asks for nothing; nor does a forger. A reference of another
// site's tells nothing of it.
func TestStatusThatIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, receipt := w.pending()
	for _, text := range []string{"> STATUS", "Thank you\n\nOn Monday you wrote:\n> STATUS\n> HELP", "Thank you\n-- \nSTATUS\nHELP"} {
		w.take("information LT-2026-00001", reply(receipt, corner, text))
		for _, o := range w.sent() {
			t.Errorf("%q is answered with %s to %s", text, o.Template, o.To)
		}
	}
	for _, word := range []string{"STATUS", "HELP"} {
		w.take("information", email{from: bright, subject: "[LT-2026-00001] Please decide", text: word})
		for _, o := range w.sent() {
			if o.To != ops && (len(o.Facts.Requests)+len(o.Facts.Running) > 0 || o.To != bright || o.Ref != "") {
				t.Errorf("%s about another site's reference: %s about %q to %s", word, o.Template, o.Ref, o.To)
			}
		}
		stolen := reply(receipt, bright, word)
		w.take("information", stolen)
		for _, o := range w.sent() {
			if o.Ref != "" || len(o.Facts.Requests) > 0 || strings.Contains(o.Facts.Headline, "LT-2026-00001") {
				t.Errorf("%s below another site's letter: %s about %q: %s", word, o.Template, o.Ref, o.Facts.Headline)
			}
		}
		w.judge.unproven[corner] = true
		w.take("quarantined(unauthenticated)", email{from: corner, subject: word, text: word})
		if slices.ContainsFunc(w.sent(), func(o intake.Outbound) bool { return o.To != ops }) {
			t.Errorf("a forger's %s is answered", word)
		}
		w.judge.unproven[corner] = false
		w.take("ignored(automatic)", email{from: corner, subject: "Automatic reply", text: word,
			header: []string{"Auto-Submitted: auto-replied"}})
		w.expect()
	}
}

// TestUserAsks: a user who writes STATUS is told nothing of what is on record, and a person reads it.
func TestUserAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.take("information LT-2026-00001", email{from: sam, subject: "STATUS", text: "STATUS"})
	w.expect("alert user-wrote > "+ops, "passed-on > "+sam)
	w.take("refused(personal-mailbox)", email{from: jo, subject: "STATUS", text: "STATUS"})
	w.expect("refused personal-mailbox > " + jo)
}

// TestWithdrawAnew: WITHDRAW in a new email withdraws the request whose reference is in its subject only after the site has
// said so, as whoever wrote to the site may have put it there.
func TestWithdrawAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending()
	w.take("information LT-2026-00001", email{from: corner, subject: "LT-2026-00001", text: "WITHDRAW"})
	l := w.sent()
	same(t, "letters", 1, len(l))
	w.take("withdrawal LT-2026-00001", reply(l[0], corner, "YES"))
	w.inState("LT-2026-00001", intake.Withdrawn)
}
