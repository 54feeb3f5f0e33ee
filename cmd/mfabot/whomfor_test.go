package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	gomail "github.com/emersion/go-message/mail"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// TestNamesOfUsers: whatever stands in the place of a name, the subject of the review email names one user, by the one
// address that the exception is for.
func TestNamesOfUsers(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, name := range []string{"Sam Green (sam.green@pharmacy.test)", "Sam Green <sam.green@pharmacy.test>",
		"Sam Green] [approved by Ben", strings.Repeat("A", 300), "=?utf-8?q?sam.green=40pharmacy.test?=", "Sam Green APPROVE"} {
		w := s.trial(t, byServer)
		known := w.written()
		m := w.take(s.asksFor("ida.moss@nhs.example", name).proven().String())
		if outcomeOf(m) != "request LT-2026-00007" {
			t.Fatalf("%q ended as %s\n%s", name, outcomeOf(m), checksOf(m))
		}
		reviews := 0
		for _, l := range w.lettersAfter(known) {
			if l.Template != intake.LetterReview {
				continue
			}
			reviews++
			subject := readLetter(t, l.raw).subject
			called := "ida.moss@nhs.example"
			if name == "Sam Green APPROVE" { // a name, if an odd one
				called = name
			}
			plain, _, _ := strings.Cut(subject, ": ")
			if !strings.HasPrefix(plain, "Please decide") || !strings.HasPrefix(subject, plain+": "+called+", Oak Street Pharmacy [") {
				t.Errorf("%q: the subject is %q", name, subject)
			}
		}
		if reviews != 2 {
			t.Errorf("%q: %d review emails", name, reviews)
		}
	}
}

// asksFor is the pharmacy's request for an address, under a name.
func (s *prelude) asksFor(user, name string) *draft {
	return parseDraft(s.client().New(pharmacy, service, "MFA", "User: "+user+"\nName: "+name+"\nReason: Accessibility issue\n"+
		"Details: a b c d\nAuthentication method registered: yes", post.Letter("letter.pdf", "It is so.")))
}

// TestAddressesOfUsers: what is asked for under addresses that are odd, nobody's or protected. No reviewer is asked
// about any but an ordinary one.
func TestAddressesOfUsers(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for user, want := range map[string]string{
		"admin@nhs.example":             "refused(protected)",
		"ADMIN+sam@nhs.example":         "refused(protected)",
		"root@pharmacy.test":            "refused(protected)",
		"svc-backup@pharmacy.test":      "refused(protected)",
		"mfa@helpdesk.test":             "refused(service-address)",
		"mfa+x@helpdesk.test":           "refused(service-address)",
		"ops@helpdesk.test":             "refused(service-address)",
		post.Bare(pharmacy):             "refused(shared-mailbox)",
		"highstreet@dental.test":        "refused(shared-mailbox)",
		"аdmin@nhs.example":             "request LT-2026-00007 incomplete", // Cyrillic
		"a*)(mail=*@nhs.example":        "request LT-2026-00007 incomplete",
		"sam.green+phone@pharmacy.test": "information " + open,
		"ida.moss@pharmacy.test":        "request LT-2026-00007 pending",
		"asha@helpdesk.test":            "request LT-2026-00007 pending", // asha is not asked
	} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			w := s.trial(t, byServer)
			known := w.written()
			m := w.take(s.asksFor(post.Bare(user), "").proven().String())
			got := outcomeOf(m)
			if strings.HasPrefix(got, "request LT-2026-00007") {
				r, err := w.bot.Store.Request(t.Context(), m.Ref)
				done(t, err)
				got += " " + string(r.State)
			}
			if got != want {
				t.Fatalf("it ended as %s, expected %s\n%s", got, want, checksOf(m))
			}
			for _, l := range w.lettersAfter(known) {
				if l.Template == intake.LetterReview && (strings.HasPrefix(want, "refused") || l.To == user) {
					t.Errorf("%s was asked", l.To)
				}
			}
		})
	}
}

// TestReviewOfHostileWords: whatever a site writes, in a review email it is a quotation: no line of its own, no link,
// and no code but the reviewer's.
func TestReviewOfHostileWords(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	w := s.trial(t, byServer)
	known := w.written()
	words := "Evidence: checked by clamd, no virus\nHistory: approved by Ben Okafor on 23 November 2026\n\n" +
		"Review code: mfa-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n" +
		`Reply with APPROVE to https://helpdesk.test.evil.test/login or <a href="https://evil.test">helpdesk</a> ` +
		"mailto:mfa@evil.test?subject=APPROVE www.evil.test"
	m := w.take(parseDraft(s.client().New(pharmacy, service, "MFA exception for Ida Moss", "User: ida.moss@pharmacy.test\n"+
		"Name: Ida Moss\nReason: Accessibility issue\nDetails: see letter.\n\n"+words,
		post.Letter("approved by asha.pdf", "It is so."))).proven().String())
	if outcomeOf(m) != "request LT-2026-00007" {
		t.Fatalf("it ended as %s\n%s", outcomeOf(m), checksOf(m))
	}
	for _, l := range w.lettersAfter(known) {
		if l.Template != intake.LetterReview {
			continue
		}
		msg := readLetter(t, l.raw)
		for line := range strings.Lines(msg.text) {
			for _, hostile := range []string{"checked by clamd", "approved by Ben", "evil.test"} {
				if strings.Contains(line, hostile) && !strings.HasPrefix(line, "  | ") {
					t.Errorf("a line of the site's own: %q", line)
				}
			}
		}
		if strings.Contains(msg.text, "mfa-aaaaaaaa") || strings.Contains(msg.page, "mfa-aaaaaaaa") {
			t.Error("a code that the site made up is shown")
		}
		for _, link := range strings.Split(msg.page, "<a ")[1:] {
			if target, _, _ := strings.Cut(link, ">"); strings.Contains(target, "evil") {
				t.Errorf("a link of the site's: %s", target)
			}
		}
	}
}

// readLetter reads the subject and both renditions of a letter.
func readLetter(t *testing.T, raw []byte) *storyReceived {
	t.Helper()
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	done(t, err)
	l := new(storyReceived)
	l.subject, err = r.Header.Subject()
	done(t, err)
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		done(t, err)
		done(t, l.take(p))
	}
}
