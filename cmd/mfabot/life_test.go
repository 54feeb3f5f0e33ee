package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gomail "github.com/emersion/go-message/mail"
	gocmp "github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
	"mfabot/intake/enforce"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// life is a service over the years, told email by email.
type life struct {
	*trial
	scene  *prelude
	look   func() []string // who is exempt in the directory; nil for not to tell
	exempt []string        // when it was last looked at
	told   int             // letters
	story  strings.Builder
}

// TestLife plays the life of one exception over two renewals, and three years on the clock, and compares
// every email with testdata/life.golden, which a service owner can read.
func TestLife(t *testing.T) {
	world := sim.NewWorld(1, t.TempDir(), nil)
	world.Faults.Cease()
	l := newLife(t, world.Directory)
	l.look = world.Directory.Exempt
	l.tell("# Oak Street Pharmacy asks, and a reviewer approves.")
	l.write(l.scene.asks(pharmacy, sam, "Persistent work in a secure location"))
	l.pass(26 * time.Minute)
	l.write(l.scene.reply(asha, l.letter(intake.LetterReview, asha), "APPROVE"))

	l.tell("# Half a year later. The site replies to the second warning with a new letter, and a reviewer decides after two days.")
	l.until(intake.LetterWarning, pharmacy, 2)
	l.pass(3 * time.Hour)
	l.write(l.answer(pharmacy, intake.LetterWarning, "Sam still works there. The new letter is attached.", "letter of June.pdf"))
	l.pass(49 * time.Hour)
	l.write(l.scene.reply(ben, l.letter(intake.LetterReview, ben), "Approved.\n\nBen"))

	l.tell("# Another half a year later. The first warning is answered, first with thanks, then with evidence.")
	l.until(intake.LetterWarning, pharmacy, 3)
	l.pass(25 * time.Hour)
	l.write(l.answer(pharmacy, intake.LetterWarning, "Thank you, we will ask for a new letter.", ""))
	l.pass(5 * 24 * time.Hour)
	l.write(l.answer(pharmacy, intake.LetterWarning, "Here is the letter.", "letter of November.pdf"))
	l.pass(2 * time.Hour)
	l.write(l.scene.reply(asha, l.letter(intake.LetterReview, asha), "APPROVE"))

	l.tell("# Nobody answers the warnings any more, and the exception ends.")
	l.until(intake.LetterEnded, pharmacy, 1)

	l.tell("# A year later Sam forgets the telephone at home, and calls the helpdesk.")
	l.day(l.clock.Now().AddDate(1, 0, 0))
	_, err := l.bot.Desk.Grant(t.Context(), post.Bare(sam), "phone-misplaced", "FX101", "")
	done(t, err)
	l.step()

	l.tell("# Until three years have passed nothing more happens.")
	l.day(preludeBegins.AddDate(3, 0, 0))
	l.tell("# What is on record on %s.", l.clock.Now().In(l.bot.Settings.Policy.Zone).Format("2 January 2006"))
	exceptions, err := l.bot.Store.Exceptions(t.Context())
	done(t, err)
	for _, e := range exceptions {
		l.tell("%s, %s, %s to %s: %s", e.Ref, e.State, e.StartsAt.Format(time.DateOnly), e.EndsAt.Format(time.DateOnly),
			cmp.Or(e.User.Email, "of whom is not kept any more"))
	}
	key, err := config.LoadKey(l.bot.Settings.KeyFile())
	done(t, err)
	audit, err := l.bot.Store.CheckAudit(t.Context(), key, "")
	done(t, err)
	l.tell("The audit: %d faults in %d checkpoints.", len(audit.Faults)+len(audit.Rows), audit.Checkpoints)

	golden := filepath.Join("testdata", "life.golden")
	if *update {
		done(t, os.WriteFile(golden, []byte(l.story.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	done(t, err)
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(l.story.String(), "\n")); diff != "" {
		t.Errorf("the life is another than in %s (-want +got; -update rewrites it):\n%s", golden, diff)
	}
}

// newLife returns a service whose exceptions are applied in a directory.
func newLife(t *testing.T, directory enforce.Directory) *life {
	t.Helper()
	s := newScene(t)
	text, err := os.ReadFile(filepath.Join(s.dir, "mfabot.toml"))
	done(t, err)
	text = bytes.Replace(text, []byte("allow_unauthenticated = true"), []byte(byServer), 1)
	done(t, os.WriteFile(filepath.Join(s.dir, "mfabot.toml"), text, 0o600))
	set, err := config.Load(filepath.Join(s.dir, "mfabot.toml"))
	done(t, err)
	set.Directory = directory
	b, err := bot.New(t.Context(), set, bot.Surroundings{Clock: s.clock.Now, Log: slog.New(slog.DiscardHandler)})
	done(t, err)
	t.Cleanup(func() { untouched(t, b); done(t, b.Close()) })
	return &life{trial: &trial{t: t, clock: s.clock, bot: b}, scene: s}
}

// tell adds to the story.
func (l *life) tell(format string, args ...any) { fmt.Fprintf(&l.story, format+"\n\n", args...) }

// moment is the heading for what happens now.
func (l *life) moment() string {
	return l.clock.Now().In(l.bot.Settings.Policy.Zone).Format("Monday 2 January 2006, 15:04 MST")
}

// write has a message arrive, and tells what follows from it.
func (l *life) write(d *draft) {
	l.t.Helper()
	m := l.take(d.proven().String())
	l.tell("## %s: %s writes %q: %s", l.moment(), d.get("From"), m.Subject, outcomeOf(m))
	l.step()
}

// answer is a site's reply to the newest letter of a kind, with a file if one is named.
func (l *life) answer(site string, template intake.Template, words, file string) *draft {
	original := l.letter(template, site)
	if file == "" {
		return l.scene.reply(site, original, words)
	}
	return parseDraft(l.scene.client().Reply(site, original.raw, words, post.Letter(file, words)))
}

// letter is the newest of a kind to somebody.
func (l *life) letter(template intake.Template, to string) delivered {
	l.t.Helper()
	all, err := l.bot.Store.Outbound(l.t.Context())
	done(l.t, err)
	for i, o := range slices.Backward(all) {
		if o.Template == template && o.To == post.Bare(to) {
			return l.lettersAfter(i)[0]
		}
	}
	l.t.Fatalf("%s got no letter %q", to, template)
	return delivered{}
}

// step does what is due now, and tells of it.
func (l *life) step() {
	l.t.Helper()
	for n := 1; n > 0; {
		swept, err := l.bot.Sweep(l.t.Context())
		done(l.t, err)
		enforced, err := l.bot.Enforce(l.t.Context())
		done(l.t, err)
		purged, err := l.bot.Keeper.Night(l.t.Context())
		done(l.t, err)
		n = swept + enforced + purged
	}
	if l.look == nil {
		return
	}
	exempt := l.look()
	for _, user := range exempt {
		if !slices.Contains(l.exempt, user) {
			l.tell("## %s: the directory exempts %s from MFA", l.moment(), user)
		}
	}
	for _, user := range l.exempt {
		if !slices.Contains(exempt, user) {
			l.tell("## %s: the directory asks %s for MFA again", l.moment(), user)
		}
	}
	l.exempt = exempt
	for _, a := range l.lettersAfter(l.told) {
		l.told++
		_, err := l.bot.Store.Try(l.t.Context(), []int64{a.ID})
		done(l.t, errors.Join(err, l.bot.Store.Sent(l.t.Context(), intake.Accepted{ID: a.ID, At: l.clock.Now()})))
		subject, text := contentOf(l.t, a.raw)
		text = strings.ReplaceAll(text, l.bot.Store.Instance(), "(its name)")
		l.tell("## %s: email to %s\n\nSubject: %s\n\n    %s", l.moment(), a.To, subject, strings.ReplaceAll(text, "\n", "\n    "))
	}
}

// contentOf is a letter's subject and text, with its codes masked.
func contentOf(t *testing.T, raw []byte) (subject, text string) {
	t.Helper()
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	done(t, err)
	subject, err = r.Header.Subject()
	done(t, err)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			t.Fatal("a letter without text")
		}
		done(t, err)
		if h, ok := p.Header.(*gomail.InlineHeader); ok {
			if kind, _, _ := h.ContentType(); kind == "text/plain" {
				b, err := io.ReadAll(p.Body)
				done(t, err)
				text = strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
				return intake.MaskCodes(subject), intake.MaskCodes(text)
			}
		}
	}
}

// pass lets time pass, and does all that falls due.
func (l *life) pass(d time.Duration) {
	l.t.Helper()
	l.day(l.clock.Now().Add(d))
}

// day lets time pass up to a moment. The bot looks every morning at half past eight, and whenever a notice
// falls due.
func (l *life) day(until time.Time) {
	l.t.Helper()
	for l.clock.Now().Before(until) {
		now := l.clock.Now()
		local := now.In(l.bot.Settings.Policy.Zone)
		y, m, d := local.Date()
		next := time.Date(y, m, d, 8, 30, 0, 0, local.Location())
		if !next.After(now) {
			next = time.Date(y, m, d+1, 8, 30, 0, 0, local.Location())
		}
		exceptions, err := l.bot.Store.Exceptions(l.t.Context())
		done(l.t, err)
		for _, e := range exceptions {
			if e.State == intake.Active && e.NextNoticeAt.After(now) && e.NextNoticeAt.Before(next) {
				next = e.NextNoticeAt
			}
		}
		l.clock.Advance(slices.MinFunc([]time.Time{next, until}, time.Time.Compare).Sub(now))
		l.step()
	}
}

// until lets time pass until somebody has received that many letters of a kind in all.
func (l *life) until(template intake.Template, to string, n int) {
	l.t.Helper()
	for range 400 {
		all, err := l.bot.Store.Outbound(l.t.Context())
		done(l.t, err)
		these := slices.DeleteFunc(all, func(o intake.Outbound) bool { return o.Template != template || o.To != post.Bare(to) })
		if len(these) >= n {
			return
		}
		l.pass(24 * time.Hour)
	}
	l.t.Fatalf("%s does not get %d letters %q", to, n, template)
}
