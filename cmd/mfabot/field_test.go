package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

// TestField has what was met in the field and shows in the letters that people get: files and texts that did not come
// through, the limits of mail providers, and the first day on a mailbox that has been in use for years.
func TestField(t *testing.T) {
	t.Parallel()
	const exchange = "554 5.2.0 STOREDRV.Submission.Exception:"
	s := newScene(t)
	done(t, s.open(t, s.dir, s.clock).Close()) // makes the database, which each row copies
	for row, want := range fieldLetters() {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			want.check(t, s, filepath.Base(row))
		})
	}
	for row, holds := range map[string]func(t *testing.T, s *prelude){
		"t_smtp daily-limit-data": refusesUs("data", "550 5.4.5 Daily user sending limit exceeded"),
		"t_smtp daily-limit-mail": refusesUs("mail", "550 5.4.5 Daily user sending limit exceeded"),
		"t_smtp sendasdenied":     refusesUs("data", exchange+"SendAsDeniedException.MapiExceptionSendAsDenied"),
		"t_smtp bad-outbound":     refusesUs("mail", "550 5.1.8 Access denied, bad outbound sender"),
		"t_smtp tenant-5.7.705":   refusesUs("data", "550 5.7.705 Access denied, tenant has exceeded threshold"),
		"t_smtp quota-554":        refusesUs("data", exchange+"SubmissionQuotaExceededException"),
		"t_smtp reject-ops-only":  refusesOperator,
		"t_smtp3":                 limitToTheEnd,
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			holds(t, s)
		})
	}
	for row, story := range fieldStories() {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			newPlay(t, story, readStory(t, filepath.Join("testdata", "stories", story+".toml"))).play()
		})
	}
}

// fieldStories are the stories that tell what was met in the field.
func fieldStories() map[string]string {
	return map[string]string{"t_flow6 j1": "people/go-live-with-old-mail"}
}

// fieldLetter is what becomes of a site's email, and the one letter that it gets for it.
type fieldLetter struct {
	outcome, letter string
	says            []string
}

func fieldLetters() map[string]fieldLetter {
	rejected := func(says ...string) fieldLetter {
		return fieldLetter{"request LT-2026-00001", "rejected no-evidence > " + post.Bare(pharmacy), says}
	}
	gateway := func(name string) fieldLetter { return rejected("a mail gateway"+name, "send it again") }
	encrypted := fieldLetter{"refused(encrypted)", "encrypted encrypted > " + post.Bare(pharmacy),
		[]string{"encrypted", "send the message again without encryption"}}
	return map[string]fieldLetter{
		"eml/s-gw-00.eml": gateway(" put"),
		"eml/s-gw-01.eml": gateway(" (Mimecast)"),
		"eml/s-gw-02.eml": gateway(" put"),
		"eml/s-gw-04.eml": gateway(" (MailScanner)"),
		"eml/s-gw-06.eml": rejected("a mail gateway (Microsoft Defender)", "send the document again"),
		"eml/s-gw-07.eml": gateway(" attached"),
		"eml/s-gw-09.eml": gateway(" put"),

		"eml/s-rpmsg.eml":       encrypted,
		"eml/s-ome.eml":         encrypted,
		"eml/s-ome-att.eml":     encrypted,
		"eml/t-ppenc.eml":       encrypted,
		"eml/t-trend.eml":       encrypted,
		"eml/t-pgp-control.eml": encrypted,

		"eml/s-onedrive.eml": rejected("Letter from HMP Fairwater.pdf",
			"a link to OneDrive, which we cannot open: attach the file itself"),
	}
}

// check has a message come in now, with proof of its author.
func (want fieldLetter) check(t *testing.T, s *prelude, file string) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "parser", "testdata", "field", file))
	done(t, err)
	w := s.trial(t, byServer)
	m := w.take(parseDraft(raw).set("Date", w.clock.Now().Format(time.RFC1123Z)).proven().String())
	if got := outcomeOf(m); got != want.outcome {
		t.Fatalf("it ended as %s, want %s\n%s", got, want.outcome, checksOf(m))
	}
	letters := w.lettersAfter(0)
	if len(letters) != 1 || letters[0].named() != want.letter {
		t.Fatalf("letters: %v, want %s", letters, want.letter)
	}
	text := strings.Join(strings.Fields(readLetter(t, letters[0].raw).text), " ")
	for _, words := range want.says {
		if !strings.Contains(text, words) {
			t.Errorf("the letter does not say %q:\n%s", words, text)
		}
	}
	if strings.Contains(text, "had no attachment") {
		t.Errorf("the letter says that nothing came:\n%s", text)
	}
	for _, e := range letters[0].Facts.Evidence {
		if e.Counts {
			t.Errorf("%s counts", e.Filename)
		}
	}
}
