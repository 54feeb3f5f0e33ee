package main

import (
	"bytes"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// tapScene is how somebody comes to get letters with links that open an answer: by what happens last.
type tapScene struct {
	trust        string
	before, last func(s *prelude, w *trial)
}

func tapScenes() map[string]tapScene {
	const risk = "Disproportionate clinical risk"
	writes := func(body string, file []post.File) func(*prelude, *trial) {
		return func(s *prelude, w *trial) {
			w.take(string(s.client().New(pharmacy, service, "MFA exception", "User: "+post.Bare(ida)+"\nName: Ida Moss\n"+body, file)))
		}
	}
	asks := writes("Reason: "+risk+"\nDetails: She works alone.", post.Letter("letter.pdf", "It is so."))
	answers := func(words string) func(*prelude, *trial) {
		return func(s *prelude, w *trial) { w.take(s.reply(asha, w.last(intake.LetterReview, asha), words).String()) }
	}
	passes := func(days int) func(*prelude, *trial) { return func(_ *prelude, w *trial) { w.sweeps(days) } }
	nothing := func(*prelude, *trial) {}
	return map[string]tapScene{
		"a request":        {"", nothing, asks},
		"a question":       {"", asks, answers("INFO Which clinic wrote the letter?")},
		"done by hand":     {"", asks, answers("APPROVE")},
		"without a reason": {"", nothing, writes("", post.Letter("letter.pdf", "It is so."))},
		"without evidence": {"", nothing, writes("Reason: "+risk+"\nDetails: She works alone.", nil)},
		"three together": {"", nothing, func(s *prelude, w *trial) {
			w.take(s.many(3, post.Letter("letter.pdf", "It is so.")).String())
		}},
		"a reminder":             {"", nothing, passes(4)},
		"an exception that ends": {"", nothing, passes(150)},
		"a renewal without evidence": {"", passes(150), func(s *prelude, w *trial) {
			w.take(s.reply(careHome, w.last(intake.LetterWarning, careHome), "Still needed, please renew.").String())
		}},
		"to confirm": {byDKIM, nothing, func(s *prelude, w *trial) {
			d := s.reply(asha, s.review(open, asha), "REJECT The letter is not signed.")
			w.take(d.signed(signing{fields: likeExchange}).top(borderHop).String())
		}},
	}
}

// sweeps has days pass.
func (w *trial) sweeps(days int) {
	w.t.Helper()
	w.clock.Advance(time.Duration(days) * 24 * time.Hour)
	for n := 1; n > 0; {
		var err error
		n, err = w.bot.Sweep(w.t.Context())
		done(w.t, err)
	}
}

const ida = "Ida Moss <ida.moss@pharmacy.test>"

// last is the newest letter of a template that somebody got.
func (w *trial) last(template intake.Template, to string) delivered {
	all := w.toReviewer(0, template, to)
	return all[len(all)-1]
}

// after is what there is once something more has happened.
func (s *prelude) after(t *testing.T, scene tapScene) *prelude {
	t.Helper()
	then := &prelude{dir: t.TempDir(), clock: demo.NewClock(s.clock.Now().Add(time.Hour)), emails: s.emails}
	done(t, os.CopyFS(then.dir, os.DirFS(s.dir)))
	file := filepath.Join(then.dir, "mfabot.toml")
	whole, err := os.ReadFile(file)
	done(t, err)
	if scene.trust != "" {
		strict := bytes.Replace(whole, []byte("allow_unauthenticated = true"), []byte(scene.trust), 1)
		done(t, os.WriteFile(file, strict, 0o600))
	}
	w := &trial{t: t, clock: then.clock, bot: s.open(t, then.dir, then.clock), uid: 500}
	scene.before(s, w)
	known := w.written()
	scene.last(s, w)
	then.letters = w.lettersAfter(known)
	done(t, w.bot.Close())
	done(t, os.WriteFile(file, whole, 0o600))
	return then
}

// pageOf is the HTML of a letter.
func pageOf(t *testing.T, raw []byte) string {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(raw))
	done(t, err)
	for {
		p, err := r.NextPart()
		done(t, err)
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			page, err := io.ReadAll(p.Body)
			done(t, err)
			return string(page)
		}
	}
}

// linksOf are the links of pages that open an email.
func linksOf(t *testing.T, pages []string) [][]string {
	t.Helper()
	out := make([][]string, len(pages))
	for i, page := range pages {
		root, err := html.Parse(strings.NewReader(page))
		done(t, err)
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				if a.Key == "href" && strings.HasPrefix(a.Val, "mailto:") {
					out[i] = append(out[i], a.Val)
				}
			}
		}
	}
	return out
}

// TestTaps: every link of every letter opens an email that the bot takes as its reader means it, sent from where the letter
// came to.
func TestTaps(t *testing.T) { checkTaps(t, linksOf) }

// tapped is what somebody adds to an email that a link has begun, and what becomes of it.
type tapped struct {
	fills    func(words string) string
	attaches bool
	outcome  intake.Outcome
	state    intake.State // of the request; empty where it does not change
}

// takenAs is what each answer is taken for, by the word that it begins with.
func takenAs() map[string]tapped {
	adds := func(more string) func(string) string { return func(words string) string { return words + more } }
	form := strings.NewReplacer("Reason: ", "Reason: Disproportionate clinical risk", "Details: ", "Details: She works alone.")
	evidence := tapped{adds(""), true, intake.OutcomeRequest, intake.Pending}
	renewal := tapped{adds(""), true, intake.OutcomeRenewal, intake.Pending}
	return map[string]tapped{
		"APPROVE":                      {adds(""), false, intake.OutcomeDecision, intake.Approved},
		"REJECT":                       {adds("The letter is not signed."), false, intake.OutcomeDecision, intake.Rejected},
		"INFO":                         {adds("Which clinic wrote the letter?"), false, intake.OutcomeDecision, intake.NeedsInfo},
		"WITHDRAW":                     {adds(""), false, intake.OutcomeWithdrawal, intake.Withdrawn},
		"DONE":                         {adds(""), false, intake.OutcomeInformation, ""},
		"User: ida.moss@pharmacy.test": {form.Replace, false, intake.OutcomeRequest, intake.Pending},
		"The evidence is attached.":    evidence,
		"The exception is still needed. The new evidence is attached.": renewal,
	}
}

// checkTaps taps the links that it is handed of pages.
func checkTaps(t *testing.T, hand func(t *testing.T, pages []string) [][]string) {
	t.Parallel()
	s := newPrelude(t)
	for name, scene := range tapScenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			then := s.after(t, scene)
			var pages []string
			for _, l := range then.letters {
				pages = append(pages, pageOf(t, l.raw))
			}
			n := 0
			for i, links := range hand(t, pages) {
				for _, link := range links {
					then.taps(t, then.letters[i], link)
					n++
				}
			}
			if n == 0 {
				t.Errorf("no letter has a link: %v", then.letters)
			}
		})
	}
}

// taps has the reader of a letter open a link, complete the email, and send it from where the letter came to.
func (s *prelude) taps(t *testing.T, l delivered, link string) {
	t.Helper()
	to, subject, words := mailtoOf(t, link)
	begins, _, _ := strings.Cut(words, "\r\n")
	if word, _, _ := strings.Cut(begins, " "); strings.ToUpper(word) == word {
		begins = word
	}
	want, known := takenAs()[begins]
	if !known {
		t.Errorf("%s: nothing is known of an answer that begins %q", l.named(), begins)
		return
	}
	words = want.fills(words)
	var files []post.File
	if want.attaches {
		files = post.Letter("new letter.pdf", "It is still so.")
	}
	w := s.trial(t, byServer)
	m := w.take(parseDraft(s.client().New(l.To, to, subject, words, files)).proven().String())
	if m.Outcome != want.outcome || m.Ref == "" {
		t.Errorf("%s: %q ended as %s\n%s", l.named(), words, outcomeOf(m), checksOf(m))
		return
	}
	for _, ref := range strings.Split(m.Ref, ",") {
		r, err := w.bot.Store.Request(t.Context(), ref)
		done(t, err)
		if want.state != "" && r.State != want.state {
			t.Errorf("%s: after %q, %s is %s, expected %s", l.named(), words, ref, r.State, want.state)
		}
	}
}

// mailtoOf reads a link as RFC 6068 has it: what follows a percent sign is an octet of UTF-8, and a plus is one.
func mailtoOf(t *testing.T, link string) (to, subject, body string) {
	t.Helper()
	address, fields, _ := strings.Cut(strings.TrimPrefix(link, "mailto:"), "?")
	to, err := url.PathUnescape(address)
	done(t, err)
	for field := range strings.SplitSeq(fields, "&") {
		name, value, _ := strings.Cut(field, "=")
		value, err := url.PathUnescape(value)
		done(t, err)
		switch name {
		case "subject":
			subject = value
		case "body":
			body = value
		default:
			t.Errorf("a link sets %s to %q", name, value)
		}
	}
	return to, subject, body
}
