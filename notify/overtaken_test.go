package notify

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestOvertaken: a message taken out of the queue while a batch is being sent is skipped, and does not delay
// the others. Whatever was under way is finished.
func TestOvertaken(t *testing.T) {
	for _, c := range []struct {
		name string
		code int // the server's reply to the current message; 0 if it accepts
		want []string
	}{
		{"taken", 0, []string{"try 1 2 3", "sent 1 3"}},
		{"put off", 451, []string{"try 1 2 3", "sent 3"}},
		{"refused", 550, []string{"try 1 2 3", "sent 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b *bench
			s := &server{}
			s.on = func(stage, address string) error {
				if stage != "rcpt" || address != "a@x.test" {
					return nil
				}
				b.queue.messages[0].State, b.queue.messages[1].State = intake.Failed, intake.Failed
				if c.code == 0 {
					return nil
				}
				return refusal(c.code)
			}
			s.start(t, nil, false)
			b = newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
			sent := 2
			if c.code != 0 {
				sent = 1
			}
			b.step(t, sent)
			b.wantEvents(t, c.want...)
		})
	}
}

// TestOvertakenWhileUnreachable: the same goes for messages that cannot be tried.
func TestOvertakenWhileUnreachable(t *testing.T) {
	s := &server{}
	var b *bench
	s.on = func(stage, _ string) error {
		if stage == "mail" {
			b.queue.messages[0].State, b.queue.messages[1].State = intake.Failed, intake.Failed
			return refusal(421)
		}
		return nil
	}
	s.start(t, nil, false)
	b = newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
	b.step(t, 0)
	b.wantEvents(t, "try 1 2 3", "retry 3")
}

// TestDaysLeft: a warning says how many days are left when it is sent, however long it has waited.
func TestDaysLeft(t *testing.T) {
	c := testComposer(t)
	l := requestLetter(intake.LetterWarning, intake.ToSite, func(f *intake.Facts) { f.Ends = monday.Add(30 * 24 * time.Hour) })
	for waited, want := range map[time.Duration]string{
		0:                                "in 30 days,",
		5 * 24 * time.Hour:               "in 25 days,",
		29 * 24 * time.Hour:              "in 1 day,",
		30*24*time.Hour - time.Hour:      "in 1 hour, at 09:15",
		30*24*time.Hour - 58*time.Minute: "in 1 hour, at 09:15",
		30*24*time.Hour - 11*time.Hour:   "in 11 hours, at 09:15",
		30*24*time.Hour - 20*time.Minute: "in 20 minutes, at 09:15",
		30*24*time.Hour - time.Minute:    "in 1 minute, at 09:15",
		30 * 24 * time.Hour:              "now, at 09:15",
	} {
		subject, err := c.Subject(l, monday.Add(waited))
		if err != nil || !strings.HasPrefix(subject, "Ends "+want+" on 1 July") {
			t.Errorf("after %v: %q, %v", waited, subject, err)
		}
	}
	l.Ref = "ST-2026-00007" // one that lasts a day is told in hours
	subject, err := c.Subject(l, l.Facts.Ends.Add(-20*time.Hour))
	if err != nil || !strings.HasPrefix(subject, "Ends in 20 hours, at 09:15 on 1 July:") {
		t.Errorf("%q, %v", subject, err)
	}
}
