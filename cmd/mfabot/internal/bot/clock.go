package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// With a clock that is far ahead, every exception would be over and everything due for deletion. So the bot looks twice at
// a moment that is far from the last one at which it was at work. A bot that was down for long sees the same, and has much
// to catch up with: it is the servers that tell one from the other, by the time that they give to what happens now, and the
// machine's own measure of how long the bot has run. A server gives it by new mail, and some do in their greeting, of which
// it is known what it is worth if it was weighed before, when the clock was right. One that was right then speaks for the
// clock, but not against the machine. One that was not wrong speaks against it, but by itself not for ever: it may be the
// server that went wrong meanwhile. Old mail alone says little, as it may have been lying there: it counts only where nothing
// ends within so long a stop as nobody plans.
const (
	farAhead   = 24 * time.Hour       // what is nearer than that is never doubted
	longStop   = 100 * 24 * time.Hour // a longer stop is doubted where the newest mail is as old, or a greeting says so
	doubtLasts = 3 * 24 * time.Hour   // by this clock, unless more than one greeting says that it is wrong: as for a purge
	offBy      = 5 * time.Minute      // what is more is told of, as ends and codes are late or early by it
)

// clockWatch is what is known of the time besides the clock.
type clockWatch struct {
	elapsed func() time.Duration // since the bot began, by no clock that can be set; nil if that is not known
	begun   time.Time            // by the clock
	started time.Time            // by the machine's clock, as it runs

	mu     sync.Mutex
	said   map[string]clockSaid // by each server and greeting, of what happened just then
	mail   time.Time            // when that of the mail found last came which is nearest to the clock, as the server says; zero if none was
	found  time.Time            // when it was found, by the clock
	looked map[string]time.Time // when each mailbox was looked at, by the clock
	last   clockVerdict
}

// clockSaid is the time that a server gave, and what the clock said then.
type clockSaid struct {
	server, asOf time.Time
	ran          time.Duration // by the machine's measure, until then
	stands       bool          // it said the same before: it is no clock
}

// agrees reports whether the clock said about the same.
func (s clockSaid) agrees() bool { return s.asOf.Sub(s.server).Abs() <= farAhead }

// off is by how much the clock was ahead of the server's, or behind it if that is less than zero. Mail tells only that the clock
// is behind: what is older may have been put into the mailbox by hand.
func (s clockSaid) off(from string) time.Duration {
	off := s.asOf.Sub(s.server)
	if s.stands || off > 0 && !isGreeting(from) {
		return 0
	}
	return off
}

// lookWithin is how long the bot waits for a look at every mailbox.
const lookWithin = 15 * time.Minute

// clockFacts is what a decision about the clock goes by.
type clockFacts struct {
	now, worked, leapt, mail time.Time // zero where there is none
	said                     map[string]clockSaid
	told                     map[string]int64 // what greetings were worth when the clock was trusted last: see intake.MarkTold
	ran                      time.Duration    // by the machine's measure; zero if that is not known
	elapsed                  time.Duration    // more than zero: how far the clock is from what the machine measures
	looked                   bool             // at every mailbox
	greets                   bool             // some mailbox's server gives the time in its greeting
}

// clockVerdict is what a decision about the clock says.
type clockVerdict string

const (
	clockTrusted clockVerdict = ""
	clockUnknown clockVerdict = "no mailbox was looked at yet"
	clockMachine clockVerdict = "the machine has not run for that long since the bot was at work last"
	clockBefore  clockVerdict = "it was doubted before the last start, and nothing says that it is right"
	clockServer  clockVerdict = "a server says another time"
	clockSplit   clockVerdict = "one server says another time, and another does not"
	clockMail    clockVerdict = "the newest mail is as old as the last moment at which the bot was at work"
)

// judge decides whether the clock can be trusted.
func (f clockFacts) judge() clockVerdict {
	if f.worked.IsZero() || f.now.Sub(f.worked) <= farAhead ||
		!f.mail.IsZero() && f.now.Sub(f.mail).Abs() <= farAhead {
		return clockTrusted // mail comes from no later time: what seems to says nothing
	}
	agree, differ := f.servers()
	over := !f.leapt.IsZero() && f.now.Sub(f.leapt) >= doubtLasts
	switch {
	case len(agree)+len(differ) == 0 && f.greets && !f.looked:
		return clockUnknown
	case len(agree) > 0 && len(differ) == 0:
		return clockTrusted
	case len(agree) == 0 && len(differ) > 0 && !(over && f.greetingAlone(differ)):
		return clockServer
	case over:
		return clockTrusted
	case len(differ) > 0:
		return clockSplit
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

// greetingAlone reports whether one greeting is all that speaks against the clock, of those that differ and of the rest.
func (f clockFacts) greetingAlone(differ []string) bool {
	return len(differ) == 1 && isGreeting(differ[0]) && f.elapsed <= farAhead && f.now.Sub(f.worked) <= longStop
}

// holds reports whether the clock has gone on as the machine measures since a server said something.
func (f clockFacts) holds(s clockSaid) bool {
	return (f.now.Sub(s.asOf) - (f.ran - s.ran)).Abs() <= farAhead
}

// servers are those that gave the time that the clock says, and those that gave another, as far as they are to be heeded.
func (f clockFacts) servers() (agree, differ []string) {
	for from, s := range f.said {
		switch {
		case s.stands || !f.holds(s):
		case s.agrees():
			if !isGreeting(from) || f.told[from] == toldRight && f.elapsed <= farAhead {
				agree = append(agree, from)
			}
		case f.told[from] != toldWrong:
			differ = append(differ, from)
		}
	}
	slices.Sort(differ)
	return agree, differ
}

// What a greeting was worth.
const (
	toldRight = 1
	toldWrong = 2
)

// greeting names what a server says in its greeting, apart from the time that it gives to mail.
func greeting(server string) string { return greetingOf + server }

const greetingOf = "greeting of "

// isGreeting reports whether a name is one of a greeting.
func isGreeting(from string) bool { return strings.HasPrefix(from, greetingOf) }

// ran is how long the bot has run, by the machine's measure; zero if that is not known.
func (c *clockWatch) ran() time.Duration {
	if c.elapsed == nil {
		return 0
	}
	return c.elapsed()
}

// heard notes the time that a server gives to what happens now.
func (c *clockWatch) heard(from string, server, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(from, clockSaid{server: server, asOf: now})
}

// greeted notes the time that a server gives in its greeting.
func (c *clockWatch) greeted(from string, server, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.said[from]
	stands := before.server.Equal(server) && (before.stands || now.Sub(before.asOf) >= time.Minute)
	c.note(from, clockSaid{server: server, asOf: now, stands: stands})
}

// note is what both do, with mu locked.
func (c *clockWatch) note(from string, s clockSaid) {
	if c.said == nil {
		c.said = make(map[string]clockSaid)
	}
	s.ran = c.ran()
	c.said[from] = s
}

// greeted returns what hears the time that a server gives in its greeting.
func greeted(b *Bot, server string) func(at time.Time) {
	return func(at time.Time) { b.clock.greeted(greeting(server), b.Service.Nearest(at), b.Service.ReadClock()) }
}

// came notes when mail came that is found now, as the server says.
func (c *clockWatch) came(at, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.found).Abs() > farAhead || now.Sub(at).Abs() < now.Sub(c.mail).Abs() {
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
	f := clockFacts{now: now, said: maps.Clone(c.said), ran: c.ran()}
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
		f.elapsed = now.Sub(c.begun) - f.ran
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
	if err == nil {
		err = f.recall(ctx, b)
	}
	if err != nil {
		return false, err
	}
	why := f.judge()
	b.clock.mu.Lock()
	b.clock.last = why
	b.clock.mu.Unlock()
	if why == clockTrusted {
		if err := weigh(ctx, b, f); err != nil {
			return false, err
		}
	}
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
		todo := outbox.Cause{}.Do("If the clock is wrong, set it right: the bot goes on by itself.",
			"If it is right, nothing need be done where mail arrives: the bot sees it by that, and goes on after three days at the latest "+
				"unless a server says another time and something else does too. To have it go on now: mfabot accept clock --as NAME")
		return b.Outbox.Alert(ctx, letters(tx, now), intake.AlertClock, todo, "Is the clock right? Nothing is done until that is known",
			"The clock says "+b.Service.Moment(now)+", and the bot was at work last on "+b.Service.Moment(f.worked)+".",
			"Why it is doubted: "+string(why)+"."+f.words(b.Service),
			"Until then nothing is ended, warned of or deleted, and mail stays in the inbox.")
	})
}

// words tells who says another time, and which.
func (f clockFacts) words(s *intake.Service) string {
	said := ""
	_, differ := f.servers()
	for _, from := range differ {
		said += " The " + from + " says " + s.Moment(f.said[from].server) + "."
	}
	return said
}

// recall adds what the greetings were worth before.
func (f *clockFacts) recall(ctx context.Context, b *Bot) error {
	f.told = make(map[string]int64)
	names := []string{greeting(submission)}
	for _, m := range b.Settings.Mailboxes {
		names = append(names, greeting("mailbox "+m.Name))
	}
	for _, from := range names {
		n, err := b.Store.Mark(ctx, intake.MarkTold(from))
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return err
		}
		f.told[from] = n
	}
	f.greets = slices.ContainsFunc(names[1:], func(from string) bool { return f.told[from] == toldRight })
	return nil
}

// weigh remembers of each greeting whether the time in it is right, while the clock is known to be: as long as the bot is at
// work without a break.
func weigh(ctx context.Context, b *Bot, f clockFacts) error {
	if f.now.Sub(f.worked).Abs() > farAhead {
		return nil
	}
	for from, was := range f.told {
		s, said := f.said[from]
		is := int64(toldRight)
		if s.stands || !s.agrees() {
			is = toldWrong
		}
		if !said || !f.holds(s) || is == was {
			continue
		}
		if is == toldWrong {
			b.log.Warn("a server's clock is wrong: what it says of the time is not heeded", "server", from, "says", s.server)
		}
		err := b.Store.Update(ctx, func(tx *store.Tx) error { return tx.SetMark(ctx, intake.MarkTold(from), is) })
		if err != nil {
			return err
		}
	}
	return nil
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
