package main

import (
	"strings"
	"testing"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// mallorys is an email to the pharmacy by which its answer comes to us, with what Mallory wrote quoted in it.
func mallorys(c post.Client, subject, text string) []byte {
	raw := c.New("Mallory <mallory@evil.test>", pharmacy, subject, text, nil)
	return []byte(strings.Replace(string(raw), "Subject:", "Reply-To: <"+service+">\r\nSubject:", 1))
}

// TestQuotedForm: a stranger's form, quoted in a site's innocent answer, asks for nothing, in whatever client.
func TestQuotedForm(t *testing.T) {
	s := newPrelude(t)
	const form = "Hello, I have a question.\n\nUser: mallory@nhs.test\nName: Mallory Black\nReason: Accessibility issue\n" +
		"Details: She has a tremor.\nAuthentication method registered: yes\n"
	for _, app := range []post.App{post.Outlook, post.Gmail, post.AppleMail, post.OutlookWeb} {
		for name, file := range map[string][]post.File{"alone": nil, "with a file": post.Letter("opening hours.pdf", "Mon-Fri 9-5")} {
			c := post.Client{App: app, Date: s.clock.Now()}
			w := s.trial(t, byServer)
			known := w.written()
			answer := c.Reply(pharmacy, mallorys(c, "question", form), "Sorry, we cannot see what you mean.", file)
			m := w.take(parseDraft(answer).proven().String())
			for _, l := range w.lettersAfter(known) {
				if l.Template == intake.LetterReview || strings.Contains(string(l.raw), "mallory@nhs.test") {
					t.Errorf("%v, %s: %s", app, name, l.named())
				}
			}
			byPerson := m.Ref == "" && m.Outcome == intake.OutcomeInformation
			r, err := w.bot.Store.Request(t.Context(), m.Ref)
			if !byPerson && (err != nil || r.State != intake.Incomplete || r.User.Email != "") {
				t.Errorf("%v, %s: %+v, %v", app, name, r, err)
			}
			if !strings.Contains(checksOf(m), "a form is quoted") || !strings.Contains(checksOf(m), "a message that is not ours") {
				t.Errorf("%v, %s: why says\n%s", app, name, checksOf(m))
			}
		}
	}
}

// TestQuotedCode: so it is where the stranger saw a letter of ours to the site, and quotes its code. The site's own answers
// to that letter continue its request, in whatever client.
func TestQuotedCode(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, app := range []post.App{post.Outlook, post.Gmail, post.AppleMail, post.OutlookWeb} {
		t.Run(string(app), func(t *testing.T) {
			t.Parallel()
			w := s.trial(t, byServer)
			known := w.written()
			w.take(parseDraft(s.client().New(pharmacy, service, "MFA exception", "Please could Ida have an MFA exception?\n"+
				"Reason: Accessibility issue", post.Letter("letter.pdf", "A tremor."))).proven().String())
			asks := w.lettersAfter(known)[0]
			if asks.Template != intake.LetterIncomplete {
				t.Fatalf("the letter is %s", asks.named())
			}
			c := post.Client{App: app, Date: s.clock.Now()}
			form := "User: ida.moss@pharmacy.test\nName: Ida Moss\nReason: Accessibility issue\nDetails: A tremor.\n" +
				"Authentication method registered: yes"
			for _, subject := range []string{"Your invoice", "Your invoice [" + asks.Facts.Code + "]"} {
				known = w.written()
				strangers := mallorys(c, subject, "Is this right? Our reference is "+asks.Facts.Code+"\n\n"+
					strings.ReplaceAll(form, "ida.moss", "mallory"))
				m := w.take(parseDraft(c.Reply(pharmacy, strangers, "Yes, that is right.", nil)).proven().String())
				r, err := w.bot.Store.Request(t.Context(), asks.Ref)
				done(t, err)
				if r.State != intake.Incomplete || r.User.Email != "" {
					t.Errorf("it changed the request: %s for %s\n%s", r.State, r.User.Email, checksOf(m))
				}
				w.checkLetters(known, []string{"belongs > " + post.Bare(pharmacy)})
			}
			own := parseDraft(c.Reply(pharmacy, asks.raw, form, nil)).drop("In-Reply-To", "References")
			if m := w.take(own.proven().String()); outcomeOf(m) != "request "+asks.Ref {
				t.Errorf("its own answer, which names no message, ended as %s\n%s", outcomeOf(m), checksOf(m))
			}
			more := parseDraft(c.Reply(pharmacy, asks.raw, "Here is another letter.", post.Letter("second.pdf", "A tremor still.")))
			if m := w.take(more.proven().String()); outcomeOf(m) != "information "+asks.Ref {
				t.Errorf("its own answer ended as %s\n%s", outcomeOf(m), checksOf(m))
			}
		})
	}
}

// TestOneWordAboveOurForm: a word above our letter answers it in whatever client, although the form in the letter is quoted,
// in which all is filled in that we knew; and so does what is written into that form.
func TestOneWordAboveOurForm(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	const ida = "ida.moss@pharmacy.test"
	for _, app := range post.Apps() {
		for _, c := range []struct{ asks, answers, in, fill, method string }{
			{"Please exempt Ida Moss (" + ida + ").", "accessibility", "", "", "unknown"},
			{"Please exempt Ida Moss (" + ida + ").", "1", "", "", "unknown"},
			{"User: " + ida + "\nName: Ida Moss\nAuthentication method registered: no", "Accessibility issue", "", "", "no"},
			{"Reason: Accessibility issue\nDetails: A tremor.", ida, "", "", "unknown"},
			{"Please exempt Ida Moss (" + ida + ").", "Filled in below.", "Reason:", "Reason: 1", "unknown"},
			{"Please exempt Ida Moss (" + ida + ").", "", "Reason:", "Reason: Accessibility issue", "unknown"},
			{"Reason: Accessibility issue\nDetails: A tremor.", "See below", "User:", "User: " + ida, "unknown"},
		} {
			t.Run(string(app)+": "+c.answers+c.fill, func(t *testing.T) {
				t.Parallel()
				w := s.trial(t, byServer)
				known := w.written()
				w.take(parseDraft(s.client().New(pharmacy, service, "MFA", c.asks, post.Letter("letter.pdf",
					"A tremor."))).proven().String())
				asks := w.lettersAfter(known)[0]
				if asks.Template != intake.LetterIncomplete {
					t.Fatalf("the letter is %s", asks.named())
				}
				raw := string(asks.raw)
				if c.in != "" {
					filled := strings.Replace(raw, "\n"+c.in+"\r\n", "\n"+c.fill+"\r\n", 1)
					unfolded := strings.ReplaceAll(filled, "=\r\n", "") // RFC 2045, section 6.7
					raw = strings.Replace(unfolded, ">"+c.in+"</p>", ">"+c.fill+"</p>", 1)
					if raw == unfolded || filled == string(asks.raw) {
						t.Fatalf("there is no field %s in\n%s", c.in, raw)
					}
				}
				answer := post.Client{App: app, Date: s.clock.Now()}.Reply(pharmacy, []byte(raw), c.answers, nil)
				m := w.take(parseDraft(answer).proven().String())
				r, err := w.bot.Store.Request(t.Context(), asks.Ref)
				done(t, err)
				if r.State != intake.Pending || r.User.Email != ida || r.Reason != "accessibility" || r.AuthMethod != c.method ||
					strings.Contains(r.Justification, "We") {
					t.Errorf("%s for %q, %q, method %s, details %q\n%s", r.State, r.User, r.Reason, r.AuthMethod, r.Justification,
						checksOf(m))
				}
			})
		}
	}
}

// TestGuessedReference: a reference in the subject continues nothing. The site is asked, and its word then
// continues with what it has sent.
func TestGuessedReference(t *testing.T) {
	s := newPrelude(t)
	for name, c := range map[string]struct {
		before, says string
		file         []post.File
		after        intake.State
	}{
		"a question":   {"INFO Who signed the letter?", "Yes, that is no problem, Dr Smith has signed it.", nil, intake.NeedsInfo},
		"a rejection":  {"REJECT The letter is forged.", "Here is our leaflet.", post.Letter("leaflet.pdf", "Mon-Fri 9-5"), intake.Rejected},
		"a withdrawal": {"INFO Who signed it?", "WITHDRAW", nil, intake.NeedsInfo},
	} {
		t.Run(name, func(t *testing.T) {
			w := s.trial(t, byServer)
			w.take(s.reply(asha, s.review(open, asha), c.before).proven().String())
			before, err := w.bot.Store.Request(t.Context(), open)
			done(t, err)
			known := w.written()
			client := post.Client{App: post.Outlook, Date: s.clock.Now()}
			innocent := client.Reply(pharmacy, mallorys(client, "["+open+"] delivery", "Can you deliver on Monday?"), c.says, c.file)
			w.take(parseDraft(innocent).proven().String())
			letters := w.lettersAfter(known)
			if len(letters) != 1 || letters[0].Template != intake.LetterBelongs {
				t.Fatalf("letters: %d", len(letters))
			}
			was, err := w.bot.Store.Request(t.Context(), open)
			done(t, err)
			if was.State != c.after || len(was.Counting()) != len(before.Counting()) {
				t.Fatalf("before the site says so: %s, %d files", was.State, len(was.Counting()))
			}
			yes := client.Reply(pharmacy, letters[0].raw, "YES", nil)
			m := w.take(parseDraft(yes).proven().String())
			now, err := w.bot.Store.Request(t.Context(), open)
			done(t, err)
			want := intake.Pending
			if c.says == "WITHDRAW" {
				want = intake.Withdrawn
			}
			if now.State != want || len(now.Counting()) != len(was.Counting())+len(c.file) {
				t.Errorf("after: %s, %d files\n%s", now.State, len(now.Counting()), checksOf(m))
			}
		})
	}
}
