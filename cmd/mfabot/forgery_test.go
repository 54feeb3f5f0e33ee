package main

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// forgery is a message that must decide nothing.
type forgery struct {
	name  string
	trust string // how senders are proven; byServer where it is empty
	mail  func(s *prelude) *draft
	want  string   // the outcome; unproven where it is empty
	sent  []string // the letters that follow; the attempt's where want is empty
	// first is a message that comes before it, and firstWant its outcome.
	first     func(s *prelude) *draft
	firstWant string
	later     time.Duration // after the prelude
	waited    time.Duration // in the mailbox, before it is dealt with
	edits     []string      // of the configuration and the register of sites
}

const (
	unproven = "quarantined(unauthenticated)"
	attempt  = "alert unproven-attempt > ops@helpdesk.test"
)

// wrongHands are the letters after somebody else used a code of Asha's: the operator is told, and so is she,
// at her registered address.
var wrongHands = []string{"alert wrong-address > ops@helpdesk.test", "not-understood wrong-address > asha@helpdesk.test"}

// notUnderstood is the one letter to a reviewer whose message decided nothing.
func notUnderstood(why, reviewer string) []string {
	return []string{"not-understood " + why + " > " + post.Bare(reviewer)}
}

// TestForgeries plays every forgery through the whole product. None may decide anything, and nobody may be
// told more than they should know.
func TestForgeries(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	seen := make(map[string]bool)
	for _, c := range slices.Concat(forgedResults, forgedSenders, forgedExchange, forgedSignatures, forgedCodes,
		forgedMachines, forgedWords, forgedSites, forgedMeaning) {
		if seen[c.name] {
			t.Fatalf("there are two cases %q", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.play(t, s)
		})
	}
}

func (c forgery) play(t *testing.T, s *prelude) {
	w := s.trial(t, cmp.Or(c.trust, byServer), c.edits...)
	if c.first != nil {
		if m := w.take(c.first(s).String()); outcomeOf(m) != c.firstWant {
			t.Fatalf("the first message ended as %s, expected %s\n%s", outcomeOf(m), c.firstWant, checksOf(m))
		}
	}
	w.clock.Advance(c.later)
	raw := c.mail(s).String()
	if c.waited > 0 {
		w.heldBack(raw)
		w.clock.Advance(c.waited)
	}
	before, known := w.state(), w.written()
	m := w.take(raw)
	want, sent := c.want, c.sent
	if want == "" {
		want, sent = unproven, []string{attempt}
	}
	if got := outcomeOf(m); got != want {
		t.Errorf("it ended as %s, expected %s", got, want)
	}
	if after := w.state(); !maps.Equal(before, after) {
		t.Errorf("it changed something:\n%v\nbefore:\n%v", after, before)
	}
	var got []string
	for _, l := range w.lettersAfter(known) {
		got = append(got, l.named())
		checkCodes(t, l)
	}
	if !slices.Equal(got, sent) {
		t.Errorf("the letters are %q, expected %q", got, sent)
	}
	if t.Failed() {
		t.Logf("the checks of the message:\n%s\nthe message:\n%s", checksOf(m), head(raw))
	}
}

var anyCode = regexp.MustCompile(`(?i)mfa-[a-z2-7]{32}`)

// checkCodes makes sure that a letter does not give anybody a code that is not theirs. Message-IDs look like
// codes.
func checkCodes(t *testing.T, l delivered) {
	t.Helper()
	d := parseDraft(l.raw).drop("Message-ID", "In-Reply-To", "References")
	text := strings.ReplaceAll(d.String(), "=\r\n", "") // as quoted-printable breaks lines
	for _, code := range anyCode.FindAllString(text, -1) {
		if (l.Template != intake.LetterReview && l.Template != intake.LetterConfirm) || !strings.EqualFold(code, l.Facts.Code) {
			t.Errorf("the letter %s brings the code %s", l.named(), code)
		}
	}
}
