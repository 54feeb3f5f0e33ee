package main

import (
	"bytes"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	set          [2]string // in the configuration or the policy: a text, and its replacement
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
	says := func(words string) func(*prelude, *trial) {
		return func(s *prelude, w *trial) {
			w.take(s.reply(pharmacy, s.letter(intake.LetterReceipt, open, pharmacy), words).String())
		}
	}
	passes := func(hours time.Duration) func(*prelude, *trial) {
		return func(_ *prelude, w *trial) { w.sweeps(hours * time.Hour) }
	}
	nothing := func(*prelude, *trial) {}
	unset, dkim := [2]string{}, [2]string{"allow_unauthenticated = true", byDKIM}
	return map[string]tapScene{
		"a request":        {unset, nothing, asks},
		"a question":       {unset, asks, answers("INFO Which clinic wrote the letter?")},
		"done by hand":     {unset, asks, answers("APPROVE")},
		"without a reason": {unset, nothing, writes("", post.Letter("letter.pdf", "It is so."))},
		"without evidence": {unset, nothing, writes("Reason: "+risk+"\nDetails: She works alone.", nil)},
		"three together": {unset, nothing, func(s *prelude, w *trial) {
			w.take(s.many(3, post.Letter("letter.pdf", "It is so.")).String())
		}},
		"a reminder":             {unset, nothing, passes(4 * 24)},
		"an exception that ends": {unset, nothing, passes(150 * 24)},
		"several exceptions that end": {unset, func(s *prelude, w *trial) {
			w.take(string(s.client().New(careHome, service, "MFA exception", "User: ola.berg@care.test\nName: Ola Berg\nReason: "+risk+
				"\nDetails: She works alone.", post.Letter("letter.pdf", "It is so."))))
			answers("APPROVE")(s, w)
		}, func(s *prelude, w *trial) {
			passes(150*24)(s, w)
			w.last(intake.LetterWarnings, careHome)
		}},
		"a renewal without evidence": {unset, passes(150 * 24), func(s *prelude, w *trial) {
			w.take(s.reply(careHome, w.last(intake.LetterWarning, careHome), "Still needed, please renew.").String())
		}},
		"an address put right": {unset, nothing, says("The address should be kit.lo@pharmacy.test")},
		"perhaps not needed":   {unset, nothing, says("We may not need this exception any more, I think.")},
		"a wish to be called":  {unset, nothing, says("Please could a person call us? We have a complaint.")},
		"about a request": {unset, nothing, func(s *prelude, w *trial) {
			w.take(s.note(pharmacy, "About "+open, "The GP's number has changed, please note it for Sam Green.").String())
		}},
		"perhaps for days": {unset, nothing, func(s *prelude, w *trial) {
			words := "Please could Ida Moss (ida.moss@pharmacy.test) have a 24 hour exception. She works in the " +
				"secure unit at HMP Fairwater " +
				"where phones are not allowed, the governor's letter is attached."
			w.take(string(s.client().New(pharmacy, service, "24 hour exception for Ida Moss", words,
				post.Letter("letter.pdf", "It is so."))))
		}},
		"the next morning": {[2]string{`tell_decided   = "at once"`, `tell_decided = "morning"`}, func(s *prelude, w *trial) { asks(s, w); answers("APPROVE")(s, w) }, passes(22)},
		"a site to confirm": {dkim, nothing, func(s *prelude, w *trial) {
			w.take(s.asks(pharmacy, ida, risk).signed(signing{fields: likeExchange}).top(borderHop).String())
		}},
		"to confirm": {dkim, nothing, func(s *prelude, w *trial) {
			d := s.reply(asha, s.review(open, asha), "REJECT The letter is not signed.")
			w.take(d.signed(signing{fields: likeExchange}).top(borderHop).String())
		}},
	}
}

// sweeps has time pass.
func (w *trial) sweeps(after time.Duration) {
	w.t.Helper()
	w.clock.Advance(after)
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
func (s *prelude) after(t *testing.T, scene tapScene, welsh bool) *prelude {
	t.Helper()
	then := &prelude{dir: t.TempDir(), clock: demo.NewClock(s.clock.Now().Add(time.Hour)), emails: s.emails}
	done(t, os.CopyFS(then.dir, os.DirFS(s.dir)))
	whole, err := os.ReadFile(filepath.Join(then.dir, "mfabot.toml"))
	done(t, err)
	for _, name := range []string{"mfabot.toml", "policy.toml"} {
		file := filepath.Join(then.dir, name)
		text, err := os.ReadFile(file)
		done(t, err)
		done(t, os.WriteFile(file, bytes.Replace(text, []byte(scene.set[0]), []byte(scene.set[1]), 1), 0o600))
	}
	if welsh {
		inWelsh(t, filepath.Join(then.dir, "sites.csv"))
	}
	w := &trial{t: t, clock: then.clock, bot: s.open(t, then.dir, then.clock), uid: 500}
	scene.before(s, w)
	known := w.written()
	scene.last(s, w)
	then.letters = w.lettersAfter(known)
	done(t, w.bot.Close())
	done(t, os.WriteFile(filepath.Join(then.dir, "mfabot.toml"), whole, 0o600)) // the answers are proven as usual
	return then
}

// inWelsh has letters to all sites of a register, and their users, be in Welsh.
func inWelsh(t *testing.T, register string) {
	t.Helper()
	text, err := os.ReadFile(register)
	done(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, line := range lines {
		last := "cy"
		if i == 0 {
			last = "language"
		}
		lines[i] = line + strings.Repeat(",", 7-strings.Count(line, ",")) + last
	}
	lines[0] = "ods_code,name,kind,mailbox,aliases,contacts,telephone,language"
	done(t, os.WriteFile(register, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
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
	form := strings.NewReplacer("Reason: ", "Reason: Disproportionate clinical risk", "Details: ", "Details: She works alone.",
		"Rheswm: ", "Rheswm: Risg glinigol anghymesur", "Manylion: ", "Manylion: Mae hi'n gweithio ar ei phen ei hun.")
	address := func(words string) string {
		if strings.HasSuffix(words, ": ") {
			words += "samuel.green@pharmacy.test"
		}
		return words
	}
	evidence := tapped{adds(""), true, intake.OutcomeRequest, intake.Pending}
	renewal := tapped{adds(""), true, intake.OutcomeRenewal, intake.Pending}
	return map[string]tapped{
		"APPROVE":                          {adds(""), false, intake.OutcomeDecision, intake.Approved},
		"REJECT":                           {adds("The letter is not signed."), false, intake.OutcomeDecision, intake.Rejected},
		"INFO":                             {adds("Which clinic wrote the letter?"), false, intake.OutcomeDecision, intake.NeedsInfo},
		"WITHDRAW":                         {adds(""), false, intake.OutcomeWithdrawal, intake.Withdrawn},
		"YES":                              {adds(""), false, intake.OutcomeInformation, intake.Pending},
		"LONG":                             {adds(""), false, intake.OutcomeRequest, intake.Pending},
		"STATUS":                           {adds(""), false, intake.OutcomeInformation, ""},
		"HELP":                             {adds("Please call us."), false, intake.OutcomeInformation, ""},
		"Our answer":                       {adds("It was the clinic in Elm Road."), false, intake.OutcomeInformation, intake.Pending},
		"Authentication method registered": {adds(""), false, intake.OutcomeInformation, intake.Pending},
		"is wrong. The right address is":   {address, false, intake.OutcomeInformation, intake.Pending},
		"CONFIRM":                          {adds(""), false, intake.OutcomeInformation, intake.Pending},
		"REVOKE":                           {adds("The letter was forged."), false, intake.OutcomeDecision, ""},
		"DONE":                             {adds(""), false, intake.OutcomeInformation, ""},
		"User":                             {form.Replace, false, intake.OutcomeRequest, intake.Pending},
		"The evidence is attached.":        evidence,
		"The exception is still needed. The new evidence is attached.": renewal,

		"CYMRAEG":                      {adds(""), false, intake.OutcomeInformation, ""},
		"ENGLISH":                      {adds(""), false, intake.OutcomeInformation, ""},
		"TYNNU'N":                      {adds(""), false, intake.OutcomeWithdrawal, intake.Withdrawn},
		"YDY":                          {adds(""), false, intake.OutcomeInformation, intake.Pending},
		"TYMOR":                        {adds(""), false, intake.OutcomeRequest, intake.Pending},
		"STATWS":                       {adds(""), false, intake.OutcomeInformation, ""},
		"CYMORTH":                      {adds("Ffoniwch ni, os gwelwch yn dda."), false, intake.OutcomeInformation, ""},
		"Dull dilysu wedi'i gofrestru": {adds(""), false, intake.OutcomeInformation, intake.Pending},
		"Defnyddiwr":                   {form.Replace, false, intake.OutcomeRequest, intake.Pending},
		"Mae'r dystiolaeth ynghlwm.":   evidence,
		"Mae angen yr eithriad o hyd. Mae'r dystiolaeth newydd ynghlwm.": renewal,
	}
}

// checkTaps taps the links that it is handed of pages.
func checkTaps(t *testing.T, hand func(t *testing.T, pages []string) [][]string) {
	t.Parallel()
	s := newPrelude(t)
	var begun sync.Map
	t.Cleanup(func() {
		for begins := range takenAs() {
			if _, was := begun.Load(begins); !was {
				t.Errorf("no answer that begins %q was tapped", begins)
			}
		}
	})
	type told struct {
		tapScene
		welsh bool
	}
	scenes := make(map[string]told)
	for name, scene := range tapScenes() {
		scenes[name], scenes[name+", in Welsh"] = told{scene, false}, told{scene, true}
	}
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			then := s.after(t, scene.tapScene, scene.welsh)
			var pages []string
			for _, l := range then.letters {
				pages = append(pages, pageOf(t, l.raw))
			}
			for i, links := range hand(t, pages) {
				for _, link := range links {
					begun.Store(then.taps(t, then.letters[i], link), true)
				}
			}
		})
	}
}

// taps has the reader of a letter open a link, complete the email, and send it from where the letter came to. It returns how the
// email begins.
func (s *prelude) taps(t *testing.T, l delivered, link string) (begins string) {
	t.Helper()
	to, subject, words := mailtoOf(t, link)
	begins = beginning(words)
	want, known := takenAs()[begins]
	if !known {
		t.Errorf("%s: nothing is known of an answer that begins %q", l.named(), begins)
		return begins
	}
	words = want.fills(words)
	var files []post.File
	if want.attaches {
		files = post.Letter("new letter.pdf", "It is still so.")
	}
	w := s.trial(t, byServer)
	m := w.take(parseDraft(s.client().New(l.To, to, subject, words, files)).proven().String())
	if m.Outcome != want.outcome {
		t.Errorf("%s: %q ended as %s\n%s", l.named(), words, outcomeOf(m), checksOf(m))
		return begins
	}
	if want.state == "" {
		return begins
	}
	for _, ref := range strings.Split(w.about(m), ",") {
		r, err := w.bot.Store.Request(t.Context(), ref)
		done(t, err)
		if r.State != want.state {
			t.Errorf("%s: after %q, %s is %s, expected %s", l.named(), words, ref, r.State, want.state)
		}
	}
	return begins
}

// about is the requests that a message is about, or else that the one which it confirms has begun.
func (w *trial) about(m intake.Inbound) string {
	w.t.Helper()
	ledger, err := w.bot.Store.Inbound(w.t.Context())
	done(w.t, err)
	for _, older := range slices.Backward(ledger) {
		if m.Ref == "" {
			m = older
		}
	}
	return m.Ref
}

// beginning is the command that an answer begins with, or else its first field or line, whomever that is about.
func beginning(words string) string {
	line, _, _ := strings.Cut(words, "\r\n")
	if word, _, _ := strings.Cut(line, " "); strings.ToUpper(word) == word {
		return word
	}
	field, _, _ := strings.Cut(line, ":")
	if address, about, found := strings.Cut(field, " "); found && strings.Contains(address, "@") {
		return about
	}
	return field
}

// TestEveryTapIsTaken: no letter has a link of which TestTaps does not know what becomes of it.
func TestEveryTapIsTaken(t *testing.T) {
	files, err := filepath.Glob("../../notify/testdata/golden/*.html")
	done(t, err)
	begun := make(map[string]bool)
	for _, file := range files {
		page, err := os.ReadFile(file)
		done(t, err)
		for _, link := range linksOf(t, []string{string(page)})[0] {
			_, _, words := mailtoOf(t, link)
			begins := beginning(words)
			begun[begins] = true
			if _, known := takenAs()[begins]; !known {
				t.Errorf("%s: nothing is known of an answer that begins %q", file, begins)
			}
		}
	}
	for begins := range takenAs() {
		if !begun[begins] {
			t.Errorf("no letter begins an answer with %q", begins)
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
