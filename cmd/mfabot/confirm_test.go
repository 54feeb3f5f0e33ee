package main

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/intake/inbound"
)

// tapped is the message that the first button of the newest letter after the first n opens, as its reader sends it.
func (w *trial) tapped(n int, from string) *draft {
	w.t.Helper()
	letters := w.lettersAfter(n)
	return w.tap(letters[len(letters)-1], 0, from, "")
}

// tap is the message that a button of a letter opens, the first being 0, with what its reader types below what is begun.
func (w *trial) tap(l delivered, button int, from, typed string) *draft {
	w.t.Helper()
	raw := strings.ReplaceAll(strings.ReplaceAll(string(l.raw), "=\r\n", ""), "=3D", "=")
	links := strings.Split(raw, `href="mailto:`)[1:]
	if len(links) <= button {
		w.t.Fatalf("%s has %d buttons", l.named(), len(links))
	}
	link, _, _ := strings.Cut(links[button], `"`)
	u, err := url.Parse("mailto:" + html.UnescapeString(link))
	done(w.t, err)
	client := post.Client{App: post.Gmail, Date: w.clock.Now()}
	q := u.Query()
	return parseDraft(client.New(from, u.Opaque, q.Get("subject"), q.Get("body")+typed, nil))
}

// TestConfirmedByReply: the letter that asks is answered as any other, by whichever server the answer is signed.
func TestConfirmedByReply(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, fields := range []string{likeExchange, likeGmail, likeOpenDKIM} {
		for _, app := range post.Apps() {
			t.Run(fields+" "+string(app), func(t *testing.T) {
				t.Parallel()
				w := s.trial(t, byDKIM)
				send := func(raw []byte) intake.Inbound {
					return w.take(parseDraft(raw).signed(signing{fields: fields}).top(borderHop).String())
				}
				client := func() post.Client { return post.Client{App: app, Date: w.clock.Now()} }
				send(client().Reply(asha, s.review(open, asha).raw, "REJECT The letter is not signed.", nil))
				known := w.written()
				ask := w.lettersAfter(known - 1)[0]
				m := send(client().Reply(asha, ask.raw, "REJECT The letter is not signed.", nil))
				if got := outcomeOf(m); got != "decision "+open {
					t.Errorf("it ended as %s\n%s", got, checksOf(m))
				}
				w.checkLetters(known, tellsOfRejection)

				send([]byte(s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue").String()))
				known = w.written()
				ask = w.lettersAfter(known - 1)[0]
				m = send(client().Reply(pharmacy, ask.raw, "No, that was not for you. Please ring us.", nil))
				if got := outcomeOf(m); got != "information" {
					t.Errorf("what does not confirm ended as %s\n%s", got, checksOf(m))
				}
				w.checkLetters(known, []string{"alert site-wrote > ops@helpdesk.test", "passed-on > oakstreet@pharmacy.test"})
				m = send(client().Reply(pharmacy, ask.raw, "Confirm.\n\nKind regards\nJo", nil))
				all, err := w.bot.Store.Inbound(t.Context())
				done(t, err)
				if got := outcomeOf(m) + ", " + outcomeOf(all[len(all)-3]); got != "information, request LT-2026-00007" {
					t.Errorf("they ended as %s\n%s", got, checksOf(m))
				}
				known = w.written()
				send(client().Reply(pharmacy, ask.raw, "Confirmed", nil))
				for _, l := range w.lettersAfter(known) {
					if l.Template == intake.LetterReview {
						t.Errorf("confirmed again, it led to %s", l.named())
					}
				}
			})
		}
	}
}

// likeServers are what servers sign, by which a message can be proven by its signature only.
var likeServers = []string{likeExchange, likeGmail, likeOpenDKIM, "From:Date:Subject:Message-ID", everything}

// TestReplayed: what a site wrote once is one message, whatever fields somebody gives a copy of it, before or
// after it, and how long ever they keep it.
func TestReplayed(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, fields := range likeServers {
		t.Run(fields, func(t *testing.T) {
			t.Parallel()
			w := s.trial(t, byServer+"\n"+byDKIM)
			d := s.asks(pharmacy, "Zoe Old <zoe.old@pharmacy.test>", "Accessibility issue").signed(signing{fields: fields})
			replay := func(change func(d *draft)) string {
				copied := parseDraft([]byte(d.String()))
				change(copied)
				return copied.top(borderHop).String()
			}
			first := outcomeOf(w.take(replay(func(*draft) {})))
			known := w.written()
			for name, change := range map[string]func(d *draft){
				"the same":         func(*draft) {},
				"another To":       func(d *draft) { d.set("To", "MFA <mfa@helpdesk.test>, x@evil.test") },
				"a Cc":             func(d *draft) { d.end("Cc: x@evil.test") },
				"a mark":           func(d *draft) { d.end("Auto-Submitted: no") },
				"another field":    func(d *draft) { d.end("X-Something: else") },
				"another id":       func(d *draft) { d.set("Message-ID", "<another@evil.test>") },
				"blanks at an end": func(d *draft) { d.body += "\r\n\r\n" },
			} {
				m := w.take(replay(change))
				if got := outcomeOf(m); !strings.HasPrefix(got, "ignored(duplicate)") && got != unproven {
					t.Errorf("after %s, a copy with %s ended as %s\n%s", first, name, got, checksOf(m))
				}
			}
			for _, l := range w.lettersAfter(known) {
				if !strings.HasPrefix(l.named(), "alert ") {
					t.Errorf("a copy was answered: %s", l.named())
				}
			}
		})
	}
}

// TestSentAhead: a copy of a site's message with another field, sent ahead, does not stand for the message itself:
// that counts when it comes with proof of its delivery, and is asked about once where it has a signature only.
func TestSentAhead(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, fields := range likeServers {
		for name, change := range map[string]func(d *draft){
			"another To":           func(d *draft) { d.set("To", "x@evil.test") },
			"no To":                func(d *draft) { d.drop("To") },
			"a Sender":             func(d *draft) { d.end("Sender: x@evil.test") },
			"a mark":               func(d *draft) { d.end("Auto-Submitted: auto-replied") },
			"another Content-Type": func(d *draft) { d.set("Content-Type", "text/plain") },
			"another id":           func(d *draft) { d.set("Message-ID", "<another@evil.test>") },
		} {
			t.Run(fields+" "+name, func(t *testing.T) {
				t.Parallel()
				d := s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>", "Accessibility issue").signed(signing{fields: fields})
				ahead := parseDraft([]byte(d.String()))
				change(ahead)
				whole := s.trial(t, byServer+"\n"+byDKIM)
				whole.take(parseDraft([]byte(ahead.String())).top(borderHop).String())
				m := whole.take(parseDraft([]byte(d.String())).proven().String())
				if got := outcomeOf(m); got != "request LT-2026-00007" && got != "ignored(duplicate) LT-2026-00007" {
					t.Errorf("proven by its server, it ended as %s\n%s", got, checksOf(m))
				}
				w := s.trial(t, byDKIM)
				known := w.written()
				first := outcomeOf(w.take(ahead.top(borderHop).String()))
				m = w.take(d.top(borderHop).String())
				asked, reviews := 0, 0
				for _, l := range w.lettersAfter(known) {
					switch l.Template {
					case intake.LetterConfirm:
						asked++
					case intake.LetterReview:
						reviews++
					}
				}
				if asked+reviews/2 != 1 {
					t.Errorf("after %s, it ended as %s: asked to confirm %d times, %d reviews\n%s", first, outcomeOf(m), asked, reviews,
						checksOf(m))
				}
			})
		}
	}
}

// TestSetAsideForTheOperator: what is old, or not proven to be meant for us, is taken where the operator says so.
func TestSetAsideForTheOperator(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	w := s.trial(t, byDKIM)
	asks := func(who string) *draft { return s.asks(pharmacy, who, "Accessibility issue") }
	unsure := w.take(asks("Ida Moss <ida.moss@pharmacy.test>").signed(signing{fields: likeExchange}).top(borderHop).String())
	w.clock.Advance(8 * 24 * time.Hour)
	old := w.take(asks("Zoe Old <zoe.old@pharmacy.test>").signed(signing{fields: everything}).top(borderHop).String())
	requeued := func(m intake.Inbound, as, before, after string) {
		t.Helper()
		if got := outcomeOf(m); got != before {
			t.Errorf("it ended as %s, expected %s\n%s", got, before, checksOf(m))
		}
		c, err := w.bot.Desk.Requeue(t.Context(), m.ID, inbound.Again{By: as, Vouches: as != ""})
		done(t, err)
		if got := outcomeOf(intake.Inbound{Conclusion: c}); got != after {
			t.Errorf("read again, it ended as %s, expected %s", got, after)
		}
	}
	requeued(old, "", "quarantined(old)", "request LT-2026-00007")
	requeued(unsure, "Jo Hill", "quarantined(unconfirmed)", "request LT-2026-00008")
}

// TestNewslettersSentOn: what a site writes to others and they send on spends nothing of what the site may be asked to
// confirm; and where it has been asked too often, each site's messages are told of apart.
func TestNewslettersSentOn(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	sentOn := func(w *trial, i int, subject, text string) intake.Inbound {
		d := s.note(pharmacy, fmt.Sprint(subject, i), fmt.Sprint(text, i)).set("To",
			"mallory@evil.test").signed(signing{fields: likeExchange})
		d.set("To", "mfa@helpdesk.test")
		return w.take(d.top(borderHop).String())
	}
	for _, c := range []struct{ subject, text string }{
		{"Opening hours ", "Dear customer, we are open at nine. "},
		{"Your order ", "Your order for ann.other@corner.test is here. "},
	} {
		w := s.trial(t, byDKIM)
		for i := range 25 {
			if got := outcomeOf(sentOn(w, i, c.subject, c.text)); got != "quarantined(unconfirmed)" {
				t.Fatalf("a newsletter ended as %s", got)
			}
		}
		known := w.written()
		m := w.take(s.asks(pharmacy, "Ida Moss <ida.moss@pharmacy.test>",
			"Accessibility issue").signed(signing{fields: likeExchange}).top(borderHop).String())
		if got := outcomeOf(m); got != "quarantined(unconfirmed)" {
			t.Errorf("the request ended as %s\n%s", got, checksOf(m))
		}
		w.checkLetters(known, []string{"confirm > oakstreet@pharmacy.test"})
	}
	w := s.trial(t, byDKIM)
	known := w.written()
	sentOn(w, 0, "Opening hours ", "Dear customer, we are open at nine. ")
	w.checkLetters(known, []string{"alert unconfirmed > ops@helpdesk.test"})
	for i := range 21 {
		sentOn(w, i, "MFA ", "Please exempt somebody from MFA. ")
	}
	letters := w.lettersAfter(known)
	if last := letters[len(letters)-1].named(); last != "alert unconfirmed > ops@helpdesk.test" {
		t.Errorf("the last letter is %s: the site's request is hidden by an alert about something else", last)
	}
}

// TestWhyUnconfirmed: who looks for why a message has to be confirmed is told what its signature leaves open, and the mend.
func TestWhyUnconfirmed(t *testing.T) {
	t.Parallel()
	policy, err := intake.DefaultPolicy()
	done(t, err)
	s := &config.Settings{Policy: policy}
	for why, tells := range map[intake.Why]bool{intake.WhyUnconfirmed: true, intake.WhyUnauthenticated: false} {
		var out bytes.Buffer
		done(t, (&app{stdout: &out}).tellWhy(intake.Inbound{From: "asha@helpdesk.test", Conclusion: intake.Conclusion{Reason: why}}, s))
		if strings.Contains(strings.Join(strings.Fields(out.String()), " "), "server that signs for helpdesk.test cover both") != tells {
			t.Errorf("%s: %s", why, out.String())
		}
	}
}
