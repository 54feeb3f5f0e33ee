package notify

import (
	"io/fs"
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

// TestWhereToCall: the end of a letter says where to call if its words do not, in text and page alike, whatever the site wrote.
func TestWhereToCall(t *testing.T) {
	const number = "0333\u00a0200\u00a01133"
	parts, err := fs.ReadFile(templates.Files(), "parts.txt")
	if err != nil {
		t.Fatal(err)
	}
	always := strings.Replace(string(parts), "{{if not .Called}}", "{{if true}}", 1)
	for _, tt := range []struct {
		name, words, parts, justification string
		text, page                        int // how often the number is in it
	}{
		{"no number", "Words.", "", "", 1, 1},
		{"a number", "Call {{.Service.Telephone}}.", "", "", 1, 1},
		{"a number, where it is called by", "{{with .Service.Telephone}}Call {{.}}.{{end}}", "", "", 1, 1},
		{"two", "Call {{.Service.Telephone}}, or {{.Service.Telephone}}.", "", "", 2, 2},
		{"a number that is not shown", "{{if .Service.Telephone}}Words.{{end}}", "", "", 1, 1},
		{"the site's", "Words.\n\n{{template `quote` .Justification}}", "", "Call " + testService().Telephone, 1, 1},
		{"an end that always says it", "Words.", always, "", 1, 1},
		{"an end that always says it, after a number", "Call {{.Service.Telephone}}.", always, "", 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := fstest.MapFS{"en/mail/receipt.mail": {Data: []byte("Subject: Call {{.Service.Telephone}}\nPreview: x\n\n" + tt.words + "\n")}}
			if tt.parts != "" {
				own["parts.txt"] = &fstest.MapFile{Data: []byte(tt.parts)}
			}
			set, err := templates.New(winter.Location(), templates.Look{}, own)
			if err != nil {
				t.Fatal(err)
			}
			email, err := NewPreview(set, testService()).Render(requestLetter(intake.LetterReceipt, intake.ToSite, func(f *intake.Facts) {
				f.Justification = tt.justification
			}), monday)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(email.Text, "0333 200 1133", number) // as a line is filled
			if n := strings.Count(text, number) - strings.Count(tt.justification, testService().Telephone); n != tt.text {
				t.Errorf("%d times in the text, want %d:\n%s", n, tt.text, email.Text)
			}
			if n := strings.Count(email.HTML, number); n != tt.page {
				t.Errorf("%d times in the page, want %d", n, tt.page)
			}
			if !strings.HasPrefix(email.Subject, "Call 0333 200 1133 ") || strings.Contains(email.Text+email.HTML, templates.Heard) {
				t.Errorf("its mark is seen: %q", email.Subject)
			}
		})
	}
}
