package main

import (
	"slices"
	"strings"
	"testing"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// TestTapsOfSites: what a button of a letter to a site has ready to send is taken as what the button says, in a new
// email that answers nothing but brings the letter's code.
func TestTapsOfSites(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	asked := func(w *trial) {
		w.take(s.reply(asha, s.review(open, asha), "INFO Who signed the letter?").proven().String())
	}
	says := func(template intake.Template, ref, words string) func(w *trial) {
		return func(w *trial) {
			w.take(s.reply(pharmacy, s.letter(template, ref, pharmacy), words).proven().String())
		}
	}
	forIda := func(w *trial) {
		words := "Please exempt ida.moss@pharmacy.test (Ida Moss), for an accessibility issue. The letter is attached."
		w.take(parseDraft(s.client().New(pharmacy, service, "MFA exception", words, post.Letter("letter.pdf",
			"It is so."))).proven().String())
	}
	const ida = "LT-2026-00007"
	for name, c := range map[string]struct {
		before  func(w *trial)
		letter  intake.Template
		button  int    // of the letter, the first being 0
		typed   string // below what is begun
		outcome string
		state   intake.State
		user    string
		then    []string // the letters that are sent then
	}{
		"an answer": {asked, intake.LetterQuestion, 0, "Dr Wren did.", "information " + open, intake.Pending, "sam.green@pharmacy.test",
			[]string{"review > asha@helpdesk.test", "review > ben@helpdesk.test", "receipt > oakstreet@pharmacy.test"}},
		"an answer as it is begun": {asked, intake.LetterQuestion, 0, "", "information " + open, intake.NeedsInfo, "sam.green@pharmacy.test",
			[]string{"question still-open > oakstreet@pharmacy.test"}},
		"taken back": {asked, intake.LetterQuestion, 1, "", "withdrawal " + open, intake.Withdrawn, "sam.green@pharmacy.test",
			[]string{"withdrawn > oakstreet@pharmacy.test", "decided > asha@helpdesk.test", "decided > ben@helpdesk.test"}},
		"a method": {forIda, intake.LetterReceipt, 0, "", "information " + ida, intake.Pending, "ida.moss@pharmacy.test",
			[]string{"information method > asha@helpdesk.test", "information method > ben@helpdesk.test"}},
		"no method": {forIda, intake.LetterReceipt, 1, "", "information " + ida, intake.Pending, "ida.moss@pharmacy.test",
			[]string{"information method > asha@helpdesk.test", "information method > ben@helpdesk.test"}},
		"the new address": {says(intake.LetterReceipt, open, "The address should be kit.lo@pharmacy.test"), intake.LetterAddress, 0, "",
			"information " + open, intake.Pending, "kit.lo@pharmacy.test", nil},
		"another address": {says(intake.LetterReceipt, open, "The address should be kit.lo@pharmacy.test"), intake.LetterAddress, 1,
			"samuel.green@pharmacy.test", "information " + open, intake.Pending, "samuel.green@pharmacy.test", nil},
		"it is about that": {func(w *trial) {
			w.take(s.note(pharmacy, "About "+open, "The GP's number has changed, please note it for Sam Green.").proven().String())
		}, intake.LetterBelongs, 0, "", "information " + open, intake.Pending, "sam.green@pharmacy.test", nil},
		"do take it back": {says(intake.LetterReceipt, open, "We may not need this exception any more, I think."), intake.LetterStatus, 0, "",
			"withdrawal " + open, intake.Withdrawn, "sam.green@pharmacy.test", nil},
		"what there is": {says(intake.LetterReceipt, open, "Please could a person call us? We have a complaint."), intake.LetterPassedOn, 0, "",
			"information", intake.Pending, "sam.green@pharmacy.test", []string{"status > oakstreet@pharmacy.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := s.trial(t, byServer)
			c.before(w)
			letters := w.lettersAfter(0)
			at := slices.IndexFunc(letters[len(s.letters):], func(l delivered) bool {
				return l.Template == c.letter && strings.HasSuffix(l.named(), "> oakstreet@pharmacy.test")
			})
			if at < 0 {
				for _, l := range letters[len(s.letters):] {
					t.Log(l.named())
				}
				t.Fatalf("there is no letter %s", c.letter)
			}
			known := w.written()
			m := w.take(w.tap(letters[len(s.letters)+at], c.button, pharmacy, c.typed).proven().String())
			if got := outcomeOf(m); got != c.outcome {
				t.Errorf("it ended as %s, expected %s\n%s", got, c.outcome, checksOf(m))
			}
			ref := open
			if strings.HasSuffix(c.outcome, ida) {
				ref = ida
			}
			r, err := w.bot.Store.Request(t.Context(), ref)
			done(t, err)
			if r.State != c.state || r.User.Email != c.user {
				t.Errorf("the request is %s for %s, expected %s for %s\n%s", r.State, r.User.Email, c.state, c.user, checksOf(m))
			}
			if c.then != nil {
				w.checkLetters(known, c.then)
			}
		})
	}
}
