package main

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// many is a site's request for many users, with one file.
func (s *prelude) many(n int, file []post.File) *draft {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "User: u%d@pharmacy.test\n", i)
	}
	return parseDraft(s.client().New(pharmacy, service, "MFA", b.String()+"Reason: Accessibility issue\n"+
		"Details: They cannot be asked to use a telephone.\nAuthentication method registered: yes", file)).proven()
}

// toReviewer are the letters of a template to somebody, of those after the first n.
func (w *trial) toReviewer(known int, template intake.Template, to string) (out []delivered) {
	for _, l := range w.lettersAfter(known) {
		if l.Template == template && l.To == post.Bare(to) {
			out = append(out, l)
		}
	}
	return out
}

// links finds the links of a letter about several requests.
var links = regexp.MustCompile(`mailto:[^\s"<>]+body=([A-Z]+)[^\s"<>]*`)

// opens is the email that a link opens, sent by somebody.
func (s *prelude) opens(t *testing.T, link, from, more string) *draft {
	t.Helper()
	u, err := url.Parse(link)
	done(t, err)
	return parseDraft(s.client().New(from, service, u.Query().Get("subject"), u.Query().Get("body")+more, nil)).proven()
}

// linksIn returns the links of a letter, from its text, each with its words: first the two for all requests, which stand last
// in it.
func linksIn(t *testing.T, l delivered) []string {
	t.Helper()
	text := strings.ReplaceAll(string(l.raw), "=\r\n", "")
	text = strings.ReplaceAll(text, "=3D", "=")
	plain, _, _ := strings.Cut(text, "text/html")
	found := links.FindAllString(plain, -1)
	all := max(len(found)-2, 0)
	return slices.Concat(found[all:], found[:all])
}

// TestFiftyInOneEmail: a message for many users is reviewed in one email, with its evidence attached once.
func TestFiftyInOneEmail(t *testing.T) {
	s := newPrelude(t)
	w := s.trial(t, byServer)
	known := w.written()
	raw := s.many(50, post.Letter("letter.pdf", strings.Repeat("They cannot use a telephone. ", 30_000))).String()
	m := w.take(raw)
	if m.Outcome != intake.OutcomeRequest || len(strings.Split(m.Ref, ",")) != 50 {
		t.Fatalf("the message ended as %s\n%s", outcomeOf(m), checksOf(m))
	}
	total := 0
	for _, l := range w.lettersAfter(known) {
		total += len(l.raw)
		if l.Template == intake.LetterReview {
			t.Error("there is a review email about one user")
		}
	}
	if total > 6*len(raw) {
		t.Errorf("a message of %d bytes made letters of %d", len(raw), total)
	}
	for _, who := range []string{asha, ben} {
		l := w.toReviewer(known, intake.LetterReviews, who)
		if len(l) != 1 || bytes.Count(l[0].raw, []byte("filename=")) != 1 || len(linksIn(t, l[0])) != 2+3*50 {
			t.Errorf("%s got %d review emails", who, len(l))
		}
	}
}

// TestFlood: a site that does not stop asking, or adding, buries neither the reviewers nor the operator.
func TestFlood(t *testing.T) {
	s := newPrelude(t)
	w := s.trial(t, byServer)
	receipt := s.letter(intake.LetterReceipt, open, pharmacy)
	for what, one := range map[string]func(i int) []byte{
		"requests": func(i int) []byte {
			return []byte(s.asks(pharmacy, fmt.Sprintf("Vic Boss <vic%d@pharmacy.test>", i), "Accessibility issue").String())
		},
		"additions": func(i int) []byte {
			return s.client().Reply(pharmacy, receipt.raw, fmt.Sprint("More ", i),
				post.Letter(fmt.Sprintf("%d.pdf", i), fmt.Sprint("So ", i)))
		},
	} {
		known := w.written()
		aside := 0
		for i := range 150 {
			d := parseDraft(one(i)).set("Message-ID", fmt.Sprintf("<%s%d@x.test>", what, i)).proven()
			if w.take(d.String()).Reason == intake.WhyTooMany {
				aside++
			}
		}
		count := make(map[string]int)
		letters, err := w.bot.Store.Outbound(t.Context())
		done(t, err)
		for _, o := range letters[known:] {
			count[delivered{Outbound: o}.named()]++
		}
		if aside < 90 || count["review > asha@helpdesk.test"] > 60 || count["alert too-many > ops@helpdesk.test"] > 1 ||
			count["too-many > "+post.Bare(pharmacy)] > 1 {
			t.Errorf("150 %s: %d set aside, %v", what, aside, count)
		}
	}
}

// TestSeveralDecided: from one review email each request is decided by itself, or all together that are still as they
// were; and nothing else that a reviewer may do with it decides anything.
func TestSeveralDecided(t *testing.T) {
	s := newPrelude(t)
	type state map[string]int
	for name, c := range map[string]struct {
		does func(t *testing.T, w *trial, l, bens delivered, links []string)
		want state
	}{
		"one is granted": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[2], asha, "").String())
		}, state{"approved": 1, "pending": 4}},
		"one is turned down": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[3], asha, "The letter names somebody else").String())
		}, state{"rejected": 1, "pending": 4}},
		"one is asked about": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[4], asha, "Who signed it?").String())
		}, state{"needs-info": 1, "pending": 4}},
		"all are granted": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[0], asha, "").String())
		}, state{"approved": 5}},
		"all are turned down": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[1], asha, "The letter is forged").String())
		}, state{"rejected": 5}},
		"the rest is granted": {func(t *testing.T, w *trial, _, bens delivered, links []string) {
			w.take(s.opens(t, linksIn(t, bens)[3], ben, "No").String())
			w.take(s.opens(t, links[7], asha, "Who signed it?").String())
			w.take(s.opens(t, links[0], asha, "").String())
			w.take(s.opens(t, links[0], asha, "").String())
		}, state{"rejected": 1, "needs-info": 1, "approved": 3}},
		"all without a reason": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[1], asha, "").String())
		}, state{"pending": 5}},
		"all with words that limit it": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[0], asha, "\nBut not u3, please.").String())
		}, state{"pending": 5}},
		"all are asked about": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, strings.Replace(links[0], "APPROVE", "INFO%20Who%20signed%20it%3F", 1), asha, "").String())
		}, state{"pending": 5}},
		"with another's link": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[0], ben, "").String())
			w.take(s.opens(t, links[2], ben, "").String())
		}, state{"pending": 5}},
		"by a stranger": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[0], "mallory@evil.test", "").String())
			w.take(s.opens(t, links[0], pharmacy, "").String())
			w.take(s.opens(t, links[0], asha, "").drop("Authentication-Results").spoofed().String())
		}, state{"pending": 5}},
		"by a machine": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.take(s.opens(t, links[0], asha, "").end("Auto-Submitted: auto-replied").String())
		}, state{"pending": 5}},
		"with two links": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			d := s.opens(t, links[0], asha, "")
			w.take(d.set("Subject", d.get("Subject")+s.opens(t, links[2], asha, "").get("Subject")).String())
		}, state{"pending": 5}},
		"late": {func(t *testing.T, w *trial, _, _ delivered, links []string) {
			w.clock.Advance(61 * 24 * time.Hour)
			w.take(s.opens(t, links[0], asha, "").String())
		}, state{"pending": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			w := s.trial(t, byServer)
			known := w.written()
			refs := strings.Split(w.take(s.many(5, post.Letter("letter.pdf", "It is so.")).String()).Ref, ",")
			l, bens := w.toReviewer(known, intake.LetterReviews, asha)[0], w.toReviewer(known, intake.LetterReviews, ben)[0]
			c.does(t, w, l, bens, linksIn(t, l))
			got := make(state)
			for _, ref := range refs {
				r, err := w.bot.Store.Request(t.Context(), ref)
				done(t, err)
				got[string(r.State)]++
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				ledger, err := w.bot.Store.Inbound(t.Context())
				done(t, err)
				t.Errorf("%v, expected %v\n%s", got, c.want, checksOf(ledger[len(ledger)-1]))
			}
		})
	}
}

// TestReplyToSeveral: a reply to a review email about several requests decides none, whatever mail client quotes it.
func TestReplyToSeveral(t *testing.T) {
	s := newPrelude(t)
	w := s.trial(t, byServer)
	known := w.written()
	refs := strings.Split(w.take(s.many(3, post.Letter("letter.pdf", "It is so.")).String()).Ref, ",")
	l := w.toReviewer(known, intake.LetterReviews, asha)[0]
	for _, app := range []post.App{post.Outlook, post.Gmail, post.AppleMail, post.OutlookWeb} {
		for _, words := range []string{"APPROVE", "APPROVE ALL", "Approved.", "REJECT It is forged"} {
			c := post.Client{App: app, Date: s.clock.Now()}
			raw := parseDraft(c.Reply(asha, l.raw, words, nil)).proven()
			copied := parseDraft([]byte(raw.String()))
			for _, d := range []*draft{raw, copied.drop("In-Reply-To", "References").set("Message-ID", "<x@client.test>")} {
				known := w.written()
				m := w.take(d.String())
				if m.Outcome == intake.OutcomeDecision {
					t.Errorf("%v %q: %s\n%s", app, words, outcomeOf(m), checksOf(m))
				}
				for _, l := range w.lettersAfter(known) {
					if l.Template != intake.LetterNotUnderstood {
						t.Errorf("%v %q: %s", app, words, l.named())
					}
				}
			}
		}
	}
	for _, ref := range refs {
		r, err := w.bot.Store.Request(t.Context(), ref)
		done(t, err)
		if r.State != intake.Pending {
			t.Errorf("%s is %s", ref, r.State)
		}
	}
}
