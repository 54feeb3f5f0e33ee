package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// With a clock that is far ahead, every exception would be over and everything due for deletion. So the bot looks twice at
// a moment that is far from the last one at which it was at work. A bot that was down for long sees the same, and has much
// to catch up with: it is the servers that tell one from the other, by the time that they give to what happens now, and the
// machine's own measure of how long the bot has run. Old mail alone says little, as it may have been lying there: it counts
// only where nothing ends within so long a stop as nobody plans.
const (
	farAhead   = 24 * time.Hour       // what is nearer than that is never doubted
	longStop   = 100 * 24 * time.Hour // a longer stop is doubted where the newest mail is as old
	doubtLasts = 3 * 24 * time.Hour   // by this clock, unless a server says that it is wrong: as for a purge
)

// clockWatch is what is known of the time besides the clock.
type clockWatch struct {
	elapsed func() time.Duration // since the bot began, by no clock that can be set; nil if that is not known
	begun   time.Time            // by the clock
	started time.Time            // by the machine's clock, as it runs

	mu     sync.Mutex
	server time.Time            // of a server, for what happened just now; zero if none said
	asOf   time.Time            // by the clock
	mail   time.Time            // when the newest of the mail came that was found last, as the server says; zero if none was
	found  time.Time            // when it was found, by the clock
	looked map[string]time.Time // when each mailbox was looked at, by the clock
	last   clockVerdict
}

// lookWithin is how long the bot waits for a look at every mailbox.
const lookWithin = 15 * time.Minute

// clockFacts is what a decision about the clock goes by.
type clockFacts struct {
	now, worked, leapt time.Time // zero where there is none
	server, asOf, mail time.Time
	elapsed            time.Duration // more than zero: how far the clock is from what the machine measures
	looked             bool          // at every mailbox
}

// clockVerdict is what a decision about the clock says.
type clockVerdict string

const (
	clockTrusted clockVerdict = ""
	clockUnknown clockVerdict = "no mailbox was looked at yet"
	clockMachine clockVerdict = "the machine has not run for that long since the bot was at work last"
	clockBefore  clockVerdict = "it was doubted before the last start, and nothing says that it is right"
	clockServer  clockVerdict = "a server says another time"
	clockMail    clockVerdict = "the newest mail is as old as the last moment at which the bot was at work"
)

// judge decides whether the clock can be trusted.
func (f clockFacts) judge() clockVerdict {
	if f.worked.IsZero() || f.now.Sub(f.worked) <= farAhead || !f.mail.IsZero() && f.now.Sub(f.mail) <= farAhead {
		return clockTrusted // mail comes from no later time
	}
	if !f.server.IsZero() && f.now.Sub(f.asOf) <= farAhead {
		if f.asOf.Sub(f.server).Abs() <= farAhead {
			return clockTrusted
		}
		return clockServer
	}
	over := !f.leapt.IsZero() && f.now.Sub(f.leapt) >= doubtLasts
	switch {
	case over:
		return clockTrusted
	case f.elapsed > farAhead:
		return clockMachine
	case !f.leapt.IsZero():
		return clockBefore
	case f.now.Sub(f.worked) <= longStop:
		return clockTrusted
	case !f.mail.IsZero() && f.now.Sub(f.mail) > longStop:
		return clockMail
	case !f.looked && f.mail.IsZero():
		return clockUnknown
	}
	return clockTrusted
}

// heard notes the time that a server gives to what happens now.
func (c *clockWatch) heard(server, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.asOf = server, now
}

// came notes when mail came that is found now, as the server says.
func (c *clockWatch) came(at, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.found).Abs() > farAhead || at.After(c.mail) {
		c.mail = at
	}
	c.found = now
}

// look notes that a mailbox was looked at.
func (c *clockWatch) look(mailbox string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looked == nil {
		c.looked = make(map[string]time.Time)
	}
	c.looked[mailbox] = now
}

// facts are those of a moment.
func (c *clockWatch) facts(now time.Time, mailboxes int) clockFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := clockFacts{now: now, server: c.server, asOf: c.asOf}
	if now.Sub(c.found).Abs() <= farAhead { // what was found long ago says nothing of now
		f.mail = c.mail
	}
	n := 0
	for _, at := range c.looked {
		if now.Sub(at).Abs() <= farAhead {
			n++
		}
	}
	f.looked = n >= mailboxes || time.Since(c.started) > lookWithin
	if c.elapsed != nil {
		f.elapsed = now.Sub(c.begun) - c.elapsed()
	}
	return f
}

// verdict is the last one.
func (c *clockWatch) verdict() clockVerdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// trustClock reports whether the clock can be trusted. If not, nothing is ended, warned of, purged or taken, and the
// operator is told once.
func (b *Bot) trustClock(ctx context.Context) (bool, error) {
	now := b.Service.ReadClock()
	f := b.clock.facts(now, len(b.Watchers))
	var err error
	if f.worked, err = moment(ctx, b, intake.MarkWorked); err == nil {
		f.leapt, err = moment(ctx, b, intake.MarkLeapt)
	}
	if err != nil {
		return false, err
	}
	why := f.judge()
	b.clock.mu.Lock()
	b.clock.last = why
	b.clock.mu.Unlock()
	switch {
	case why == clockUnknown:
		return false, nil
	case why == clockTrusted && (!f.leapt.IsZero() || f.worked.IsZero() || now.Sub(f.worked) >= time.Hour):
		return true, b.Store.Update(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.SetMark(ctx, intake.MarkWorked, now.Unix()), tx.SetMark(ctx, intake.MarkLeapt, 0))
		})
	case why == clockTrusted:
		return true, nil
	case !f.leapt.IsZero() && now.Sub(f.leapt).Abs() < doubtLasts:
		return false, nil
	}
	return false, b.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetMark(ctx, intake.MarkLeapt, now.Unix()); err != nil {
			return err
		}
		b.log.Error("the clock is not trusted: nothing is ended, warned of or taken", "worked", f.worked, "why", string(why))
		return b.Outbox.Alert(ctx, letters(tx, now), intake.AlertClock, "Is the clock right? Nothing is done until that is known",
			"The clock says "+b.Service.Moment(now)+", and the bot was at work last on "+b.Service.Moment(f.worked)+".",
			"Why it is doubted: "+string(why)+".",
			"Until then nothing is ended, warned of or deleted, and mail stays in the inbox.",
			"If the clock is wrong, set it right: the bot goes on by itself.",
			"If it is right, nothing need be done where mail arrives: the bot sees it by that, and goes on after three days at the latest "+
				"unless a server says another time. To have it go on now: mfabot accept clock --as NAME")
	})
}

// moment is a mark that is a moment; zero if it was never set.
func moment(ctx context.Context, b *Bot, m intake.Mark) (time.Time, error) {
	n, err := b.Store.Mark(ctx, m)
	if errors.Is(err, intake.ErrNotFound) || n == 0 {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(n, 0).UTC(), nil
}

// AcceptClock says that the clock is right, and returns what it says. A bot that runs goes on within a minute.
func (b *Bot) AcceptClock(ctx context.Context, as string) (time.Time, error) {
	now := b.Service.ReadClock()
	return now, b.Store.Update(ctx, func(tx *store.Tx) error {
		err := errors.Join(tx.SetMark(ctx, intake.MarkWorked, now.Unix()), tx.SetMark(ctx, intake.MarkLeapt, 0))
		if err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{At: now, Event: intake.EventAccepted, By: as,
			Text: fmt.Sprintf("the clock, which says %s", b.Service.Moment(now))})
	})
}
