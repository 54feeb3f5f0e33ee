package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/mailbox"
	"mfabot/parser"
)

// Whole reads a message from the mailbox that it came into: see desk.Mailboxes.
func (b *Bot) Whole(ctx context.Context, m *intake.Inbound) ([]byte, error) {
	w, err := watcherOf(b, m)
	if err != nil {
		return nil, err
	}
	return w.Whole(ctx, m)
}

// Original reads a message in whose place there was a note: see desk.Mailboxes.
func (b *Bot) Original(ctx context.Context, m *intake.Inbound, note parser.ServerNote) ([]byte, error) {
	w, err := watcherOf(b, m)
	if err != nil {
		return nil, err
	}
	return w.Original(ctx, m, note)
}

// watcherOf returns the watcher of the mailbox that a message came into.
func watcherOf(b *Bot, m *intake.Inbound) (*mailbox.Watcher, error) {
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
	bot     *Bot
	name    string
	look    look
	waiting waitingMail
}

// waitingMail is when the messages came that were read and are still to be handled, as they are held back, by their UIDs.
type waitingMail struct {
	mu   sync.Mutex
	came map[uint32]time.Time
}

// left notes what came of a batch: what has no filing waits.
func (w *waitingMail) left(batch []intake.Arrival, filings []intake.Filing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.came == nil {
		w.came = make(map[uint32]time.Time)
	}
	for _, a := range batch {
		w.came[a.UID] = a.At
	}
	for _, f := range filings {
		delete(w.came, f.UID)
	}
}

// present notes which messages there are: others have left the mailbox by another hand.
func (w *waitingMail) present(uids []uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.came, func(uid uint32, _ time.Time) bool { return !slices.Contains(uids, uid) })
}

// oldest returns how many wait, and when the first of them came; zero if it is not known.
func (w *waitingMail) oldest() (n int, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, came := range w.came {
		if at.IsZero() || came.Before(at) {
			at = came
		}
	}
	return len(w.came), at
}

// look is what a look at a mailbox found: what is above it at the next has come in between.
type look struct {
	at       time.Time // by the clock; zero for none
	validity uint32
	top      uint32    // the highest UID
	before   uint32    // that of the look before
	since    time.Time // when that was; zero where it says nothing of what is new
}

// next is the look that follows.
func (l look) next(now time.Time, validity uint32, uids []uint32) look {
	n := look{at: now, validity: validity, top: l.top}
	if len(uids) > 0 {
		n.top = max(slices.Max(uids), n.top)
	}
	if !l.at.IsZero() && l.validity == validity && now.Sub(l.at).Abs() <= farAhead {
		n.before, n.since = l.top, l.at
	}
	return n
}

// Unknown is the Inbox's. With nothing left to record, earlier trouble is over.
func (r *recorder) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	now := r.bot.Service.ReadClock()
	r.look = r.look.next(now, uidValidity, uids)
	r.bot.clock.look(mailbox, now)
	r.waiting.present(uids)
	unknown, err := r.Inbox.Unknown(ctx, mailbox, uidValidity, uids)
	if err != nil || len(unknown) == 0 {
		r.bot.troubles.note(r.name, err)
	}
	return unknown, err
}

// heard tells the clock's watch when the messages of a batch came.
func (r *recorder) heard(batch []intake.Arrival) {
	now := r.bot.Service.ReadClock()
	for _, a := range batch {
		if a.At.IsZero() || a.Imported {
			continue
		}
		at := r.bot.Service.Nearest(a.At)
		r.bot.clock.came(at, now)
		if !r.look.since.IsZero() && a.UID > r.look.before {
			r.bot.clock.heard(r.name, at, now)
		}
	}
}

// Take is the Inbox's, and then nudges the sender. What there is no room for is left out, to be fetched again; so is
// everything while the clock is not trusted.
func (r *recorder) Take(ctx context.Context, batch []intake.Arrival) (filings []intake.Filing, err error) {
	defer func(begun time.Time) {
		r.bot.counters.batches.Observe(time.Since(begun).Seconds())
		r.waiting.left(batch, filings)
	}(time.Now())
	r.heard(batch)
	if trusted, err := r.bot.trustClock(ctx); err != nil || !trusted {
		r.bot.troubles.note(r.name, err)
		return nil, err
	}
	fit, low := r.bot.fitting(ctx, batch)
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

// stuckIn lists the messages that are stuck in the mailbox with an index, and says whether others wait in it to be handled for
// longer than such things last, for a health check.
func stuckIn(ctx context.Context, b *Bot, i int) (alarms []page.Alarm, err error) {
	const most = 10
	mailbox := b.Settings.Mailboxes[i].Name
	if n, came := b.waiting[i].oldest(); !came.IsZero() && b.Clock().Sub(came) >= intake.AlarmAfter {
		alarms = append(alarms, page.Alarm{What: fmt.Sprintf("mailbox %s: %d of its messages wait to be "+
			"handled, the oldest since", mailbox, n),
			At: came})
	}
	stuck, err := b.Store.Stuck(ctx, mailbox)
	n := 0
	for _, s := range stuck {
		if s.Passing {
			continue
		}
		if n++; n <= most {
			alarms = append(alarms, page.Alarm{What: fmt.Sprintf("mailbox %s: message %d is %s since", mailbox, s.UID, s.Step),
				At: s.Since, Said: s.Cause})
		}
	}
	if n > most {
		alarms = append(alarms, page.Alarm{What: fmt.Sprintf("mailbox %s: and %d more", mailbox, n-most)})
	}
	return alarms, err
}
