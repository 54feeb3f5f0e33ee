package main

import (
	"slices"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

// withDeputy has Asha's deputy be one who decides only in her place.
var withDeputy = []string{`name    = "Asha Patel"`, "name    = \"Asha Patel\"\ndeputy  = \"cleo@helpdesk.test\""}

// awayFor is an automatic reply to a review email of Asha's.
func awayFor(s *prelude, from string) *draft {
	return parseDraft(post.OutOfOffice(from, s.review(open, asha).raw, s.clock.now()))
}

// forgedAbsences say that Asha is away, and must move nothing.
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
	{name: "days later", later: 6 * 24 * time.Hour, mail: func(s *prelude) *draft { return awayFor(s, asha).proven() }},
}

// TestForgedAbsences: nobody but a reviewer's own automatic reply to our letter has
// the deputy asked.
func TestForgedAbsences(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	for _, c := range forgedAbsences {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.edits, c.want = withDeputy, automatic
			c.play(t, s)
			w := s.trial(t, byServer, withDeputy...)
			w.clock.advance(c.later)
			w.take(c.mail(s).String())
			absences, err := w.bot.store.Absences(t.Context())
			done(t, err)
			if len(absences) > 0 {
				t.Errorf("it is on record: %+v", absences)
			}
		})
	}
}

// TestGenuineAbsence: with the real one the deputy is asked on all that is open, and
// the reply itself is not answered.
func TestGenuineAbsence(t *testing.T) {
	t.Parallel()
	s := newPrelude(t)
	w := s.trial(t, byServer, withDeputy...)
	before, known := w.state(), w.written()
	m := w.take(awayFor(s, asha).proven().String())
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
