package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
)

// What is wrong with each way now: a line for /readyz and the status page each, with since when. None of these reads more of
// the database than what is in hand.

const (
	// UnhealthyAge is how long ago a mailbox may last have been read without error. A moment that is as far ahead is of a clock
	// that was wrong, and says nothing.
	UnhealthyAge = 5 * time.Minute
	// writtenEvery is how often it is tried whether the database can be written.
	writtenEvery = 5 * time.Minute
	// endWithin is how long an end may take: to be put on record, and then to be made in the directory.
	endWithin = 15 * time.Minute
	// unprovenOnes is how many messages from registered addresses, one after the other, show that their proof is not what is
	// trusted; of the newest that came within provenWithin.
	unprovenOnes = 3
	newestOnes   = 200
	provenWithin = 7 * 24 * time.Hour
)

// alarmsOf is what does not work now.
func alarmsOf(ctx context.Context, b *Bot) (all []page.Alarm) {
	for _, way := range waysOf(b) {
		all = append(all, wrongWith(ctx, way)...)
	}
	return all
}

// wrongWith is what is wrong with a way, if only that the database cannot be asked.
func wrongWith(ctx context.Context, w way) []page.Alarm {
	wrong, err := w.wrong(ctx)
	if err != nil {
		wrong = append(wrong, page.Alarm{What: w.name + ": the database cannot be read", Said: err.Error()})
	}
	return wrong
}

// unwell is what is wrong with something that is used now and then.
func unwell(b *Bot, is intake.HealthState, untried, since string) []page.Alarm {
	switch {
	case is.Tried.IsZero():
		return []page.Alarm{{What: untried}}
	case !is.IsWell(b.Clock()):
		return []page.Alarm{{What: since, At: is.Since, Said: is.Why}}
	}
	return nil
}

// databaseWrong is what the bot cannot do because of the database.
func databaseWrong(ctx context.Context, b *Bot) []page.Alarm {
	wrong := b.troubles.alarms()
	if _, err := b.Store.Ways(ctx); err != nil {
		wrong = append(wrong, page.Alarm{What: "database: it cannot be read", Said: err.Error()})
	}
	if is := b.written.State(); !is.Since.IsZero() { // at its start it was written
		wrong = append(wrong, page.Alarm{What: "database: it cannot be written since", At: is.Since, Said: is.Why})
	}
	if older := b.seals.course.short.Load(); older != nil {
		wrong = append(wrong, *older)
	}
	return wrong
}

// operatorWrong is that the operator is not reached.
func operatorWrong(ctx context.Context, b *Bot) ([]page.Alarm, error) {
	w, is, err := unheard(ctx, b)
	if err != nil || !is || b.Clock().Sub(w.Since) < intake.AlarmAfter {
		return nil, err
	}
	return []page.Alarm{{What: "operator: emails to the operator do not arrive since", At: w.Since, Said: w.Why}}, nil
}

// proofWrong is that no message is proven any more that comes into a mailbox in the name of somebody registered, or of those at one
// domain: the mail server has stopped to say who sends, or says it in another way than the one that is trusted. A
// stranger who forges that many is told of until somebody genuine
// writes.
func proofWrong(ctx context.Context, b *Bot) (wrong []page.Alarm, err error) {
	newest, err := b.Store.Newest(ctx, b.Clock().Add(-provenWithin), newestOnes)
	proven, unproven := make(map[string]bool), make(map[string][]time.Time)
	for _, c := range newest {
		for _, whose := range []string{"in mailbox " + c.Mailbox, "at " + intake.DomainOf(c.From) + " in mailbox " + c.Mailbox} {
			switch {
			case c.Outcome.IsProven():
				proven[whose] = true
			case c.Reason == intake.WhyUnauthenticated && !proven[whose] && b.Service.Registered(c.From):
				unproven[whose] = append(unproven[whose], c.ReceivedAt)
			}
		}
	}
	for _, whose := range slices.Sorted(maps.Keys(unproven)) {
		if came := unproven[whose]; len(came) >= unprovenOnes {
			wrong = append(wrong, page.Alarm{At: came[len(came)-1], Said: "mfabot doctor says what would prove them",
				What: fmt.Sprintf("proof: the newest %d messages from registered addresses %s prove nobody, the first "+
					"since", len(came), whose)})
		}
	}
	return wrong, err
}

// clockWrong is that the clock is not trusted, or not what the servers say.
func clockWrong(b *Bot) (wrong []page.Alarm) {
	if why := b.clock.verdict(); why != clockTrusted {
		return []page.Alarm{{What: "clock: not trusted: " + string(why)}}
	}
	for _, off := range b.clock.off() {
		wrong = append(wrong, page.Alarm{What: "clock: " + off})
	}
	return wrong
}

// off lists the servers by whose time the clock is wrong, in words.
func (c *clockWatch) off() (words []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range slices.Sorted(maps.Keys(c.said)) {
		off, side := c.said[from].off(from).Round(time.Minute), "ahead of"
		if off < 0 {
			off, side = -off, "behind"
		}
		if !isGreeting(from) {
			from = "mail in " + from
		}
		if off >= offBy {
			words = append(words, fmt.Sprintf("it is %.0f minutes %s the %s", off.Minutes(), side, from))
		}
	}
	return words
}

// sitesWrong is that the register of sites is in doubt.
func sitesWrong(b *Bot) []page.Alarm {
	if b.Service.Sites.Doubted() {
		return []page.Alarm{{What: "register of sites: it has lost most of its sites"}}
	}
	return nil
}

// backupWrong is that no good copy of the database could be made, or none has been for twice as long as it should take.
func backupWrong(b *Bot) []page.Alarm {
	is, every := b.backups.State(), b.Settings.Backup.Every
	switch {
	case !is.Since.IsZero():
		return []page.Alarm{{What: "backup: none could be made since", At: is.Since, Said: is.Why}}
	case !is.Worked.IsZero() && b.Clock().Sub(is.Worked) > 2*every:
		return []page.Alarm{{What: "backup: the last good one was made at", At: is.Worked}}
	}
	return nil
}

// loopsWrong is that a part of the bot does not go on.
func loopsWrong(b *Bot) []page.Alarm {
	if loop := b.stuck(); loop != "" {
		return []page.Alarm{{What: fmt.Sprintf("loops: %s has been in one round for more than %.0f minutes", loop, stuckAfter.Minutes())}}
	}
	return nil
}

// todosWrong is that a person has not done for a day what they were asked to do by hand.
func todosWrong(ctx context.Context, b *Bot) ([]page.Alarm, error) {
	n, since, err := b.Store.Overdue(ctx, b.Clock().Add(-intake.OverdueAfter))
	if err != nil || n == 0 {
		return nil, err
	}
	return []page.Alarm{{What: fmt.Sprintf("to-dos: %d not done for a day, the first since", n), At: since, Said: "mfabot todo"}}, nil
}

// overdueEnds counts the ends that should have been by now, by who is to see to them.
func overdueEnds(ctx context.Context, b *Bot) (byWhom map[string]overdue, err error) {
	now := b.Clock()
	found, err := b.Store.OverdueEnds(ctx, now.Add(-endWithin), now.Add(-intake.OverdueAfter))
	byWhom = make(map[string]overdue)
	for _, f := range found {
		byWhom[f.Of] = overdue{f.N, f.Oldest}
	}
	return byWhom, err
}

// overdue is how many ends should have been, and since when the first.
type overdue struct {
	n     int64
	since time.Time
}

// endsWrong is that somebody is still exempt whose exception is over, though the bot should have ended that. What a person is
// to end by hand is told of as a to-do.
func endsWrong(ctx context.Context, b *Bot) (wrong []page.Alarm, err error) {
	found, err := overdueEnds(ctx, b)
	for _, of := range []struct{ by, words string }{
		{"record", "ends: %d over and not ended, the first since"},
		{"directory", "ends: %d not ended in the directory, the first since"},
	} {
		if o := found[of.by]; o.n > 0 {
			wrong = append(wrong, page.Alarm{What: fmt.Sprintf(of.words, o.n), At: o.since})
		}
	}
	return wrong, err
}
