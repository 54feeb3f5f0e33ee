package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/mailbox"
	"mfabot/parser"
)

// Whole reads a message from the mailbox that it came into: see desk.Mailboxes.
func (b *Bot) Whole(ctx context.Context, m *intake.Inbound) ([]byte, error) {
	w, err := b.watcherOf(m)
	if err != nil {
		return nil, err
	}
	return w.Whole(ctx, m)
}

// Original reads a message in whose place there was a note: see desk.Mailboxes.
func (b *Bot) Original(ctx context.Context, m *intake.Inbound, note parser.ServerNote) ([]byte, error) {
	w, err := b.watcherOf(m)
	if err != nil {
		return nil, err
	}
	return w.Original(ctx, m, note)
}

// watcherOf returns the watcher of the mailbox that a message came into.
func (b *Bot) watcherOf(m *intake.Inbound) (*mailbox.Watcher, error) {
	for i, w := range b.Settings.Mailboxes {
		if w.Name == m.Mailbox {
			return b.Watchers[i], nil
		}
	}
	return nil, fmt.Errorf("message %d arrived in the mailbox %q, which the configuration does not have", m.ID, m.Mailbox)
}

// recorder takes in the messages of one mailbox. It nudges the sender when a batch may have left letters to
// send, and notes when the database cannot record one.
type recorder struct {
	*inbound.Inbox
	bot  *Bot
	name string
}

// Unknown is the Inbox's. With nothing left to record, earlier trouble is over.
func (r *recorder) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	unknown, err := r.Inbox.Unknown(ctx, mailbox, uidValidity, uids)
	if err != nil || len(unknown) == 0 {
		r.bot.troubles.note(r.name, err)
	}
	return unknown, err
}

// Take is the Inbox's, and then nudges the sender. What there is no room for is left out, to be fetched again.
func (r *recorder) Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error) {
	fit, low := r.bot.fitting(ctx, batch)
	var filings []intake.Filing
	var err error
	if len(fit) > 0 {
		filings, err = r.Inbox.Take(ctx, fit)
	}
	if low != nil {
		low = errors.Join(low, r.bot.tellLow(ctx, low))
	}
	r.bot.troubles.note(r.name, errors.Join(err, low))
	r.bot.nudgeSender()
	if len(fit) == 0 {
		return nil, low
	}
	return filings, err
}

// unreadAfter is for how long a mailbox may not have been read before the operator is told.
const unreadAfter = 15 * time.Minute

// unread are the mailboxes that cannot be read.
type unread struct {
	since time.Time       // when the bot was started
	told  map[string]bool // by name: the operator knows
}

// tellUnread tells the operator once of each mailbox that has not been read for some time, by email: it may well be
// another server that sends it.
func (b *Bot) tellUnread(ctx context.Context) error {
	for i, m := range b.Settings.Mailboxes {
		last := b.Watchers[i].LastRead()
		if last.IsZero() {
			last = b.unread.since
		}
		failure := b.Watchers[i].Failure()
		switch {
		case b.Clock().Sub(last) < unreadAfter:
			delete(b.unread.told, m.Name)
			continue
		case b.unread.told[m.Name] || failure == nil:
			continue
		}
		err := b.Outbox.AlertOperator(ctx, intake.AlertUnread.Of(m.Name, 0), "The mailbox "+m.Name+" cannot be read",
			"It was last read well on "+b.Service.Moment(last)+".", "Cause: "+failure.Error(),
			"Nobody who writes to it is answered until it can be read again. Nothing is lost: what comes stays in it. mfabot goes on "+
				"trying, and `/healthz` says so.")
		if err != nil {
			return err
		}
		if b.unread.told == nil {
			b.unread.told = make(map[string]bool)
		}
		b.unread.told[m.Name] = true
	}
	return nil
}

// stuckIn lists the messages that are stuck in a mailbox, for a health check.
func (b *Bot) stuckIn(ctx context.Context, mailbox string) (lines []string, err error) {
	const most = 10
	stuck, err := b.Store.Stuck(ctx, mailbox)
	n := 0
	for _, s := range stuck {
		if s.Passing {
			continue
		}
		if n++; n <= most {
			lines = append(lines, fmt.Sprintf("mailbox %s: message %d is %s since %s: %s", mailbox, s.UID, s.Step,
				s.Since.Format(time.RFC3339), s.Cause))
		}
	}
	if n > most {
		lines = append(lines, fmt.Sprintf("mailbox %s: and %d more", mailbox, n-most))
	}
	return lines, err
}
