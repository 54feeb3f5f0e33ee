package intake_test

import (
	"strings"
	"testing"

	"mfabot/intake"
)

const (
	protected = "Corner Pharmacy has sent you a protected message.\n\nRead the message: " +
		"https://outlook.office365.test/Encryption/retrieve\n"
	driveLink = "\n\nLetter of the clinic.pdf <https://drive.google.test/file/d/1x/view>\n"
	note      = "Content-Type: text/plain; name=DELETED0.TXT\nContent-Disposition: attachment; filename=DELETED0.TXT\n\n" +
		"The attachment letter.pdf was deleted by the mail gateway.\n"
)

// why returns the reasons why what a letter lists does not count.
func why(l intake.Outbound) string {
	var out []string
	for _, e := range l.Facts.Evidence {
		if !e.Counts {
			out = append(out, e.Filename+": "+e.Why)
		}
	}
	return strings.Join(out, "\n")
}

// tells checks that a letter lists something that does not count, and says why.
func (w *world) tells(l intake.Outbound, want ...string) {
	w.t.Helper()
	for _, s := range want {
		if !strings.Contains(why(l), s) {
			w.t.Errorf("%s: no %q in %q", l.Template, s, why(l))
		}
	}
}

// TestEncryptedMail: a site whose email cannot be read is told so and how to send it, and nothing else comes of it.
func TestEncryptedMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("refused(encrypted)", email{from: corner, subject: "MFA exception", text: protected})
	w.tells(w.expect("encrypted encrypted > " + corner)[0], "without encryption")
	same(t, "requests", 0, w.count())

	w.take("quarantined(automatic)", email{from: corner, subject: "MFA exception", text: protected,
		header: []string{"Auto-Submitted: auto-generated"}})
	w.expect("alert automatic > " + ops)

	a, _, _ := w.pending()
	w.take("decision LT-2026-00001", reply(a, asha, "INFO Which clinic wrote the letter?"))
	w.sent()
	w.take("refused(encrypted) LT-2026-00001", w.answer("LT-2026-00001", protected))
	w.expect("encrypted encrypted > " + corner)
	w.inState("LT-2026-00001", intake.NeedsInfo)
}

// TestEvidenceElsewhere: whatever state a request is in, the site is told what came in the place of its evidence.
func TestEvidenceElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked + driveLink})
	w.tells(w.expect("rejected no-evidence > " + corner)[0], "Letter of the clinic.pdf: It is a link to Google Drive")
	w.take("information LT-2026-00001", func() email {
		e := w.answer("LT-2026-00001", "Here it is.")
		e.parts = []string{note}
		return e
	}())
	w.tells(w.expect("rejected no-evidence > " + corner)[0], "DELETED0.TXT: It is a note that a mail gateway")

	w.take("request LT-2026-00002", email{from: bright, subject: "MFA", text: "Please could Kim have an exception from MFA?" + driveLink})
	w.tells(w.expect("incomplete > " + bright)[0], "a link to Google Drive")
}

// TestEvidenceElsewhereLater: so it is while reviewers decide, and after they have.
func TestEvidenceElsewhereLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("information LT-2026-00001", w.answer("LT-2026-00001", "Here is the other letter."+driveLink))
	l := w.expect("information > "+asha, "information > "+ben, "receipt > "+corner)
	w.tells(l[2], "a link to Google Drive")
	w.take("decision LT-2026-00001", reply(a, asha, "REJECT The letter is not signed."))
	w.sent()
	w.take("information LT-2026-00001", w.answer("LT-2026-00001", "Here is the signed one."+driveLink))
	w.tells(w.expect("alert site-wrote > "+ops, "passed-on > "+corner)[1], "a link to Google Drive")
}
