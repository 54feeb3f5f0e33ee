package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/intake/retain"
)

// asksFor is the email that a letter's link for another language opens, as somebody sends it.
func (w *trial) asksFor(l delivered, word, from string) *draft {
	w.t.Helper()
	for _, link := range linksOf(w.t, []string{pageOf(w.t, l.raw)})[0] {
		if to, subject, words := mailtoOf(w.t, link); words == word {
			return parseDraft(post.Client{App: post.Gmail, Date: w.clock.Now()}.New(from, to, subject, words, nil))
		}
	}
	w.t.Fatalf("%s has no link for %s", l.named(), word)
	return nil
}

// TestOtherLanguage: who has a letter gets it in the other language by a tap or by one word, as it was; nothing is decided by it,
// and nobody else is told anything.
func TestOtherLanguage(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	receipt, approved := s.letter(intake.LetterReceipt, open, pharmacy), s.letter(intake.LetterApproved, settled, tom)
	asked := func(w *trial) {
		w.take(s.reply(asha, s.review(open, asha), "INFO Which clinic wrote the letter?").proven().String())
	}
	for name, c := range map[string]struct {
		before   func(w *trial)
		mail     func(w *trial) *draft
		outcome  string
		language string   // of the letters that follow
		then     []string // those
	}{
		"a site taps": {nil, func(w *trial) *draft { return w.asksFor(receipt, "CYMRAEG", pharmacy) },
			"information " + open, "cy", []string{"receipt > oakstreet@pharmacy.test"}},
		"a site replies": {nil, func(*trial) *draft { return s.reply(pharmacy, receipt, "Cymraeg") },
			"information " + open, "cy", []string{"receipt > oakstreet@pharmacy.test"}},
		"a site replies in English": {nil, func(*trial) *draft { return s.reply(pharmacy, receipt, "In Welsh.") },
			"information " + open, "cy", []string{"receipt > oakstreet@pharmacy.test"}},
		"a letter that another has followed": {asked, func(w *trial) *draft { return w.asksFor(receipt, "CYMRAEG", pharmacy) },
			"information " + open, "cy", []string{"question > oakstreet@pharmacy.test"}},
		"a question that is about a language": {asked, func(w *trial) *draft {
			return s.reply(pharmacy, w.last(intake.LetterQuestion, pharmacy), "Welsh")
		}, "information " + open, "en", []string{"review > asha@helpdesk.test", "review > ben@helpdesk.test",
			"receipt > oakstreet@pharmacy.test"}},
		"a form that is quoted": {func(w *trial) {
			w.take(parseDraft(s.client().New(pharmacy, service, "MFA exception", "User: ida.moss@pharmacy.test\nDetails: She works alone.",
				post.Letter("letter.pdf", "It is so."))).proven().String())
		}, func(w *trial) *draft { return s.reply(pharmacy, w.last(intake.LetterIncomplete, pharmacy), "CYMRAEG") },
			"information LT-2026-00007", "cy", []string{"incomplete > oakstreet@pharmacy.test"}},
		"no letter is known": {nil, func(*trial) *draft { return s.note(pharmacy, "Letters", "CYMRAEG") },
			"information", "cy", []string{"status > oakstreet@pharmacy.test"}},
		"another site's letter": {nil, func(w *trial) *draft { return w.asksFor(receipt, "CYMRAEG", dentist) },
			"information", "cy", []string{"status > highstreet@dental.test"}},
		"a user taps": {nil, func(w *trial) *draft { return w.asksFor(approved, "CYMRAEG", tom) },
			"information " + settled, "cy", []string{"approved > tom.hale@care.test"}},
		"a user replies": {nil, func(*trial) *draft { return s.reply(tom, approved, "CYMRAEG") },
			"information " + settled, "cy", []string{"approved > tom.hale@care.test"}},
		"another user's letter": {nil, func(w *trial) *draft { return w.asksFor(approved, "CYMRAEG", sam) },
			"refused(personal-mailbox)", "cy", []string{"refused personal-mailbox > sam.green@pharmacy.test"}},
		"a site has a user's letter": {nil, func(w *trial) *draft { return w.asksFor(approved, "CYMRAEG", pharmacy) },
			"information", "cy", []string{"status > oakstreet@pharmacy.test"}},
		"a reviewer has a user's letter": {nil, func(w *trial) *draft { return w.asksFor(approved, "CYMRAEG", asha) },
			"refused(no-token)", "", []string{"not-understood no-token > asha@helpdesk.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := s.trial(t, byServer)
			if c.before != nil {
				c.before(w)
			}
			before, known := w.state(), w.written()
			m := w.take(c.mail(w).proven().String())
			if got := outcomeOf(m); got != c.outcome {
				t.Errorf("it ended as %s, expected %s\n%s", got, c.outcome, checksOf(m))
			}
			w.checkLetters(known, c.then)
			for _, l := range w.lettersAfter(known) {
				if l.Facts.Audience != intake.ToReviewer && c.language != "en" && l.Facts.Language != c.language {
					t.Errorf("%s is in %q", l.named(), l.Facts.Language)
				}
			}
			if after := w.state(); c.language == "cy" && !maps.Equal(before, after) {
				t.Errorf("afterwards:\n%v\nbefore:\n%v", after, before)
			}
		})
	}
}

// TestLanguageAskedFor: a site is written to in the language that it asked for, whatever it writes in and the register says; a
// user's wish changes nobody else's letters.
func TestLanguageAskedFor(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	languages := func(w *trial, known int) (out []string) {
		for _, l := range w.lettersAfter(known) {
			if l.Facts.Audience == intake.ToSite || l.Facts.Audience == intake.ToUser {
				out = append(out, l.named()+" "+l.Facts.Language)
			}
		}
		return out
	}
	check := func(t *testing.T, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("the letters are %q, expected %q", got, want)
		}
	}
	english := "Thank you. We have another question about this: is there anything that we must send you? We are here all week."
	t.Run("a site", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		w.take(w.asksFor(s.letter(intake.LetterReceipt, open, pharmacy), "CYMRAEG", pharmacy).proven().String())
		w.take(s.note(pharmacy, "A question", english).proven().String())
		known := w.written()
		w.take(s.reply(asha, s.review(open, asha), "APPROVE").proven().String())
		check(t, languages(w, known), "approved > oakstreet@pharmacy.test cy", "approved > sam.green@pharmacy.test cy")
		known = w.written()
		w.take(w.asksFor(w.last(intake.LetterApproved, "oakstreet@pharmacy.test"), "ENGLISH", pharmacy).proven().String())
		check(t, languages(w, known), "approved > oakstreet@pharmacy.test en")
		known = w.written()
		w.take(w.asksFor(w.last(intake.LetterApproved, "sam.green@pharmacy.test"), "ENGLISH", sam).proven().String())
		check(t, languages(w, known), "approved > sam.green@pharmacy.test en")
		known = w.written()
		w.take(w.asksFor(w.last(intake.LetterApproved, "sam.green@pharmacy.test"), "CYMRAEG", sam).proven().String())
		check(t, languages(w, known), "approved > sam.green@pharmacy.test cy")
	})
	t.Run("a site whose register says Welsh", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer, "ods_code,name,kind,mailbox,aliases,contacts",
			"ods_code,name,kind,mailbox,aliases,contacts,telephone,language",
			"oakstreet@pharmacy.test,,sam.green@pharmacy.test", "oakstreet@pharmacy.test,,sam.green@pharmacy.test,,cy")
		known := w.written()
		w.take(s.note(pharmacy, "Where we are", "STATUS").proven().String())
		check(t, languages(w, known), "status > oakstreet@pharmacy.test cy")
		known = w.written()
		w.take(w.asksFor(w.lettersAfter(known - 1)[0], "ENGLISH", pharmacy).proven().String())
		w.take(s.reply(asha, s.review(open, asha), "APPROVE").proven().String())
		check(t, languages(w, known), "status > oakstreet@pharmacy.test en", "approved > oakstreet@pharmacy.test en",
			"approved > sam.green@pharmacy.test en")
	})
	t.Run("a user", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		w.take(w.asksFor(s.letter(intake.LetterApproved, settled, tom), "CYMRAEG", tom).proven().String())
		known := w.written()
		w.sweeps(150 * 24 * time.Hour)
		got := languages(w, known)
		if !slices.Contains(got, "warning > lakeside@care.test ") || !slices.Contains(got, "warning > tom.hale@care.test ") {
			t.Errorf("the letters are %q", got)
		}
	})
	t.Run("often", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		known := w.written()
		for range 60 {
			w.take(w.asksFor(s.letter(intake.LetterApproved, settled, tom), "CYMRAEG", tom).proven().String())
		}
		if n := w.written() - known; n < 50 || n > 53 { // half of a day's answers, and what an hour adds
			t.Errorf("%d letters to one user", n)
		}
	})
	t.Run("unproven", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		known := w.written()
		w.take(w.asksFor(s.letter(intake.LetterApproved, settled, tom), "CYMRAEG", tom).String())
		check(t, languages(w, known))
	})
	t.Run("forgotten", func(t *testing.T) {
		t.Parallel()
		w := s.trial(t, byServer)
		sent, err := w.bot.Store.Outbound(t.Context())
		done(t, err)
		for _, o := range sent {
			done(t, w.bot.Store.Sent(t.Context(), intake.Accepted{ID: o.ID, At: w.clock.Now()}))
		}
		w.clock.Advance(3 * 365 * 24 * time.Hour)
		done(t, w.bot.Keeper.Purge(t.Context(), "", func(retain.Purge) error { return nil }))
		known := w.written()
		w.take(w.asksFor(s.letter(intake.LetterReceipt, withdrawn, optician), "CYMRAEG", optician).proven().String())
		check(t, languages(w, known), "status > vale@optical.test cy")
	})
}

// TestNoOtherLanguage: where the policy has no Welsh, none is offered, and the word for it is no command.
func TestNoOtherLanguage(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	file := filepath.Join(s.dir, "policy.toml")
	policy, err := os.ReadFile(file)
	done(t, err)
	english, _, _ := bytes.Cut(policy, []byte("[welsh]"))
	done(t, os.WriteFile(file, english, 0o600))
	w := &trial{t: t, clock: s.clock, bot: s.open(t, s.dir, s.clock)}
	t.Cleanup(func() { done(t, w.bot.Close()) })
	known := w.written()
	w.take(s.note(pharmacy, "Letters", "CYMRAEG").String())
	for _, l := range w.lettersAfter(known) {
		if l.Template == intake.LetterStatus || strings.Contains(string(l.raw), "Gymraeg") && l.Facts.Audience == intake.ToSite {
			t.Errorf("%s", l.named())
		}
	}
}
