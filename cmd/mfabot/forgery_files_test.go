package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"mfabot/intake"
)

// TestFilesOfGateways has files that a mail gateway stops: nothing of them gets to a reviewer, neither by itself nor
// within an attached email.
func TestFilesOfGateways(t *testing.T) {
	s := newPrelude(t)
	program := base64.StdEncoding.EncodeToString([]byte("MZ" + strings.Repeat("\x00", 3000)))
	inner := "From: dr@hospital.test\nSubject: letter\nContent-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/plain\n\n" +
		strings.Repeat("letter of a doctor ", 100) + "\n--i\nContent-Type: application/octet-stream; name=run.exe\n" +
		"Content-Disposition: attachment; filename=run.exe\nContent-Transfer-Encoding: base64\n\n" + program + "\n--i--\n"
	files := []string{
		"Content-Type: text/plain; name=login.rdp\nContent-Disposition: attachment; filename=login.rdp\n\nfull address:s:evil.test\n" +
			strings.Repeat("remoteapplicationname:s:MFA letter\n", 20),
		"Content-Type: message/rfc822\nContent-Disposition: attachment; filename=letter.eml\n\n" + inner,
	}
	w := s.trial(t, byServer)
	known := w.written()
	form := textPart + "User: vic@pharmacy.test\nReason: Accessibility issue\nDetails: a b c d\nAuthentication method registered: yes"
	m := w.take(s.note(pharmacy, "MFA", "x").parts("mixed", form, files[0], files[1]).proven().String())
	for _, l := range w.lettersAfter(known) {
		if l.Template == intake.LetterReview || len(l.Attach) > 0 {
			t.Errorf("%s to %s brings %v", l.Template, l.To, l.Attach)
		}
	}
	r, err := w.bot.Store.Request(t.Context(), m.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != intake.Rejected || len(r.Counting()) != 0 {
		t.Errorf("%s is %s, and %d of its files count", r.Ref, r.State, len(r.Counting()))
	}
}
