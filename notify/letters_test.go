package notify

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/notify/specimen"
	"mfabot/templates"
)

// sample is a letter with realistic facts, under the name of its golden file.
type sample struct {
	name   string
	letter intake.Letter
}

const reviewCode = specimen.Code

var monday, winter, jane, site = specimen.Monday(), specimen.Winter(), specimen.User(), specimen.Site()

func requestLetter(t intake.Template, a intake.Audience, change func(*intake.Facts)) intake.Letter {
	return specimen.About(t, a, change)
}

// inEnglish are the samples in English.
func inEnglish() []sample {
	return slices.DeleteFunc(samples(), func(s sample) bool { return s.letter.Facts.Language == intake.Welsh })
}

// samples are in English, and those to sites and users in Welsh too.
func samples() []sample {
	var out []sample
	for _, s := range specimen.Letters() {
		out = append(out, sample{s.Name, s.Letter})
		switch s.Letter.Facts.Audience {
		case intake.ToSite, intake.ToUser, intake.ToSender:
			welsh := s.Letter
			welsh.Facts.Language = intake.Welsh
			out = append(out, sample{"cy-" + s.Name, welsh})
		case intake.ToReviewer, intake.ToOperator, intake.ToAuditor, intake.ToOwner:
		}
	}
	return out
}

func testService() Service {
	return Service{
		Name: "NHSmail Helpdesk", Address: "mfa@helpdesk.test", Operator: "ops@x.test", Instance: "helpdesk-1",
		Policy: "NHSmail multi-factor authentication (MFA) exceptions", Telephone: "0333 200 1133", Relay: "18001 0333 200 1133",
		Hours: "Monday to Friday, 8am to 6pm", ShortHours: 24, OtherMethods: "a text message or a security key",
		Authenticator: "Microsoft Authenticator app", Calendar: true,
		Welsh: map[string]string{"Microsoft Authenticator app": "ap Microsoft Authenticator"},
	}
}

// evidenceParts has two pieces of evidence in message 17.
type evidenceParts struct{}

func (evidenceParts) Evidence(_ context.Context, _ int64, part string, w io.Writer) error {
	content, ok := map[string]string{"2": "%PDF-1.7 letter", "3": "risk assessment"}[part]
	if !ok {
		return io.ErrUnexpectedEOF
	}
	_, err := io.WriteString(w, content)
	return err
}

func testComposer(t testing.TB) *Composer {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.New(zone, templates.Look{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewComposer(set, testService(), evidenceParts{})
}
