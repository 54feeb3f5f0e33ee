package main

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

// withDeputy gives Asha a deputy who decides only in her place.
var withDeputy = []string{`name    = "Asha Patel"`, "name    = \"Asha Patel\"\ndeputy  = \"cleo@helpdesk.test\""}

// awayFor is an automatic reply to a review email of Asha's.
func awayFor(s *prelude, from string) *draft {
	return parseDraft(post.OutOfOffice(from, s.review(open, asha).raw, s.clock.Now()))
}

// toDeputy is what Asha wrote by hand to her deputy about a review email.
func toDeputy(s *prelude) *draft {
	return s.reply(asha, s.review(open, asha), "Cleo, what do you think?").set("To", "Cleo <cleo@helpdesk.test>")
}

// repliesThemselves is everything, with the marks of an automatic reply from Exchange.
const repliesThemselves = everything + ":Auto-Submitted:X-Auto-Response-Suppress:X-MS-Exchange-Inbox-Rules-Loop"

// autoReplied is the mark of an automatic reply (RFC 3834, section 5).
const autoReplied = "Auto-Submitted: auto-replied"

// forgedAbsences say that Asha is away, and must change nothing.
var forgedAbsences = []forgery{
	{name: "not proven", mail: func(s *prelude) *draft { return awayFor(s, asha) }},
	{name: "spoofed", mail: func(s *prelude) *draft { return awayFor(s, asha).spoofed() }},
	{name: "changed on the way", mail: func(s *prelude) *draft { return awayFor(s, asha).by(brokenOnTheWay...) }},
	{name: "somebody else's", mail: func(s *prelude) *draft { return awayFor(s, "Mallory <mallory@evil.test>").proven() }},
	{name: "under her name", mail: func(s *prelude) *draft {
		return awayFor(s, asha).set("From", `"asha@helpdesk.test" <mallory@evil.test>`).proven()
	}},
	{name: "from two", mail: func(s *prelude) *draft {
		return awayFor(s, asha).set("From", "mallory@evil.test, asha@helpdesk.test").proven()
	}},
	{name: "another reviewer's, in answer to her letter", mail: func(s *prelude) *draft { return awayFor(s, ben).proven() }},
	{name: "a site's", mail: func(s *prelude) *draft { return awayFor(s, pharmacy).proven() }},
	{name: "in answer to nothing", mail: func(s *prelude) *draft {
		return awayFor(s, asha).drop("In-Reply-To", "References").set("Subject", "Automatic reply: hello").proven()
	}},
	{name: "on a list", mail: func(s *prelude) *draft { return onList(awayFor(s, asha)).proven() }},
	{name: "her own words to the deputy, marked", trust: byDKIM, mail: func(s *prelude) *draft {
		return toDeputy(s).signed(signing{fields: everything}).end(autoReplied).top(borderHop)
	}},
	{name: "her own words to the deputy, marked and sent to us", trust: byDKIM, mail: func(s *prelude) *draft {
		return toDeputy(s).signed(signing{fields: likeExchange}).set("To", service).end(autoReplied).top(borderHop)
	}},
	{name: "her own words to us, marked", trust: byDKIM, mail: func(s *prelude) *draft {
		return toDeputy(s).set("To", service).signed(signing{fields: everything}).end(autoReplied).top(borderHop)
	}},
	{name: "her own words to us, marked, by the results of a server", mail: func(s *prelude) *draft {
		return toDeputy(s).set("To", service).signed(signing{fields: everything}).end(autoReplied).
			by("dkim=pass header.d=helpdesk.test header.s=mail")
	}},
	{name: "her own words to us, marked, without the signature", mail: func(s *prelude) *draft {
		return toDeputy(s).set("To", service).end(autoReplied).by("dkim=pass header.d=helpdesk.test header.s=mail")
	}},
	{name: "to somebody else", trust: byDKIM, mail: func(s *prelude) *draft {
		return awayFor(s, asha).set("To", "Cleo <cleo@helpdesk.test>").signed(signing{fields: repliesThemselves}).top(borderHop)
	}},
	{name: "its mark not signed", trust: byDKIM, mail: func(s *prelude) *draft {
		return awayFor(s, asha).signed(signing{fields: everything}).top(borderHop)
	}},
	{name: "days later", later: 6 * 24 * time.Hour, mail: func(s *prelude) *draft { return awayFor(s, asha).proven() }},
}

// TestForgedAbsences: only a reviewer's own automatic reply to a letter of ours makes the bot ask the deputy.
func TestForgedAbsences(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, c := range forgedAbsences {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.edits, c.want = withDeputy, automatic
			c.play(t, s)
			w := s.trial(t, cmp.Or(c.trust, byServer), withDeputy...)
			w.clock.Advance(c.later)
			w.take(c.mail(s).String())
			absences, err := w.bot.Store.Absences(t.Context())
			done(t, err)
			if len(absences) > 0 {
				t.Errorf("it is on record: %+v", absences)
			}
		})
	}
}

// TestGenuineAbsence: after a genuine one the deputy is asked about everything that is open, and the reply
// itself is not answered.
func TestGenuineAbsence(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for trust, mail := range map[string]*draft{
		byServer: awayFor(s, asha).proven(),
		byDKIM:   awayFor(s, asha).signed(signing{fields: repliesThemselves}).top(borderHop),
	} {
		t.Run(trust, func(t *testing.T) { checkAbsence(t, s.trial(t, trust, withDeputy...), mail) })
	}
}

// checkAbsence takes in a genuine automatic reply from Asha.
func checkAbsence(t *testing.T, w *trial, mail *draft) {
	t.Helper()
	before, known := w.state(), w.written()
	m := w.take(mail.String())
	if got := outcomeOf(m); got != automatic {
		t.Errorf("it ended as %s\n%s", got, checksOf(m))
	}
	var got []string
	for _, l := range w.lettersAfter(known) {
		got = append(got, l.named()+" "+l.Ref)
		checkCodes(t, l)
	}
	const asked = "review away > cleo@helpdesk.test "
	if want := []string{asked + open, asked + another, asked + changed}; !slices.Equal(got, want) { // of the joint one Asha's part is done
		t.Errorf("the letters are %q, expected %q", got, want)
	}
	for what, was := range before {
		if now := w.state()[what]; now != was {
			t.Errorf("%s is %s, and was %s", what, now, was)
		}
	}
}
