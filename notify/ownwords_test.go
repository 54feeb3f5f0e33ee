package notify

import (
	"strings"
	"testing"
	"testing/fstest"

	"mfabot/intake"
	"mfabot/templates"
)

// TestOwnWordsThatFail: a letter whose own words cannot be filled goes out in the built-in ones, in its language, and the operator
// is told.
func TestOwnWordsThatFail(t *testing.T) {
	fails := &fstest.MapFile{Data: []byte("Subject: {{index .Todo 7}}\nPreview: x\n\nWords\n")}
	set, err := templates.New(winter.Location(), templates.Look{}, fstest.MapFS{"en/mail/receipt.mail": fails,
		"cy/mail/receipt.mail": fails})
	if err != nil {
		t.Fatal(err)
	}
	c := NewComposer(set, testService(), evidenceParts{})
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test")
	b.composer = c
	b.step(t, 1)
	b.wantEvents(t, "try 1", "sent 1", "words failed receipt")
	if want := "en/mail/receipt.mail:1:"; !strings.HasPrefix(b.queue.said, want) {
		t.Errorf("the operator is told %q, want %q...", b.queue.said, want)
	}
	for language, want := range map[string]string{intake.English: "We have your request", intake.Welsh: "Mae eich cais wedi cyrraedd"} {
		l := requestLetter(intake.LetterReceipt, intake.ToSite, nil)
		l.Facts.Language = language
		if subject, err := c.Subject(l, monday); err != nil || !strings.HasPrefix(subject, want) {
			t.Errorf("%s: %q, %v", language, subject, err)
		}
		if _, err := NewPreview(set, testService()).Render(l, monday); err == nil {
			t.Errorf("%s: a preview says nothing of it", language)
		}
	}
}
