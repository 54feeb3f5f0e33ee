package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/mailbox"
	"mfabot/parser"
	"mfabot/templates"
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
	reading reading
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
	r.reading.look(len(unknown))
	if err != nil || len(unknown) == 0 {
		r.bot.troubles.note(r.name, err)
	}
	return unknown, err
}

// Left is the Inbox's. What stays unread is not to be read.
func (r *recorder) Left(ctx context.Context, mailbox string, n int) error {
	r.reading.stays = n
	return r.Inbox.Left(ctx, mailbox, n)
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
		r.tellReading(len(filings))
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

// A mailbox with much to read, as at the first start, is said to have it, and then now and then how far that is.
const (
	muchToRead   = 100 // messages
	readingEvery = time.Minute
)

// reading is how far a mailbox has been read since a look that found much in it.
type reading struct {
	unknown, stays int // what the last look found, and how much of it stays unread, as it is too old
	done, total    int
	began, told    time.Time // zero while there is not much
}

// look notes what a look found.
func (r *reading) look(unknown int) {
	r.unknown = unknown
	if !r.began.IsZero() {
		r.total = max(r.total, r.done+unknown-r.stays)
	}
}

// take notes that some messages are being handled, and reports whether to say so: at first, and whenever it was not said for a while.
func (r *reading) take(n int, now time.Time) (say bool) {
	if r.began.IsZero() {
		if r.unknown-r.stays < muchToRead {
			return false
		}
		r.began, r.total = now, r.unknown-r.stays
	}
	if say = now.Sub(r.told).Abs() >= readingEvery; say {
		r.told = now
	}
	r.done += n
	return say
}

// over reports whether all is read, and is ready for the next look then.
func (r *reading) over() bool {
	over := !r.began.IsZero() && r.done >= r.total
	if over {
		*r = reading{stays: r.stays}
	}
	return over
}

// left is how long it goes on, if it does as until now; zero where nobody knows yet.
func (r *reading) left(now time.Time) time.Duration {
	took := now.Sub(r.began)
	if r.done == 0 || took < readingEvery {
		return 0
	}
	return time.Duration(float64(took) * float64(r.total-r.done) / float64(r.done))
}

// readingShown is where a person sees how far the reading of one mailbox is: of whichever has much to read first.
type readingShown struct {
	shown *progress.Gauge
	of    atomic.Pointer[recorder]
}

// ShowReading has a gauge show how far the reading of a mailbox is, instead of the log.
func ShowReading(b *Bot, on *progress.Gauge) { b.gauge.shown = on }

// tellReading says how far the mailbox has been read once some more is handled.
func (r *recorder) tellReading(n int) {
	now, g := r.bot.Clock(), &r.bot.gauge
	first := r.reading.began.IsZero()
	say := r.reading.take(n, now)
	if first && !r.reading.began.IsZero() && g.of.CompareAndSwap(nil, r) {
		g.shown.Begin("reading "+templates.Counted(r.reading.total, "message")+" of "+r.name, int64(r.reading.total))
	}
	if g.of.Load() == r {
		g.shown.Of(int64(r.reading.done), int64(r.reading.total))
	}
	switch {
	case say && first:
		r.bot.log.Info("there is much to read", "in", r.name, "messages", r.reading.total)
	case say && g.shown == nil:
		r.bot.log.Info("reading", "in", r.name, "done", r.reading.done, "of", r.reading.total, "left",
			r.reading.left(now).Round(time.Second))
	}
	if r.reading.over() && g.of.CompareAndSwap(r, nil) {
		g.shown.Begin("", 0)
	}
}
