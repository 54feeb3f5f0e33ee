package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/parser"
)

// Tx is a transaction at its moment, with what inbound needs of it.
type Tx struct {
	review.Tx
	Ledger
	Requests
	Marks
}

// Config is what an Inbox works with.
type Config struct {
	*intake.Service
	Outbox  *outbox.Outbox
	Panel   *review.Panel
	Judges  map[string]Judge // of senders, by name of the mailbox
	Scanner Scanner          // checks evidence for viruses; nil for none
	Store   Copies
	Update  intake.Update[Tx]
	Log     *slog.Logger
}

// Inbox takes in messages. It is safe for concurrent use.
type Inbox struct {
	*intake.Service
	*beginnings
	out    *outbox.Outbox
	panel  *review.Panel
	reader *reader
	store  Copies
	update intake.Update[Tx]
	log    *slog.Logger

	mu         sync.Mutex
	unforgiven []intake.Copy // whose attempts could not be cleared yet
	unasked    map[intake.Copy]unasked
}

// New returns an Inbox.
func New(c Config) *Inbox {
	words := c.Policy.Vocabulary()
	words.Addresses = []string{c.Address}
	r := &reader{Service: c.Service, parser: parser.New(words), judges: c.Judges, scanner: c.Scanner,
		log:          c.Log,
		waitingSince: make(map[intake.Copy]time.Time)}
	begins := &beginnings{c.Service, c.Outbox, c.Store, c.Update, c.Log}
	return &Inbox{Service: c.Service, beginnings: begins, out: c.Outbox, panel: c.Panel, reader: r, store: c.Store, update: c.Update,
		log: c.Log, unasked: make(map[intake.Copy]unasked)}
}

// Unknown returns the UIDs of a mailbox that are not on record, ascending.
func (in *Inbox) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return in.store.Unknown(ctx, mailbox, uidValidity, uids)
}

// Unfiled returns at most limit filings that are committed but not carried out yet.
func (in *Inbox) Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]intake.Filing, error) {
	return in.store.Unfiled(ctx, mailbox, uidValidity, limit)
}

// Filed records that copies have left their mailbox.
func (in *Inbox) Filed(ctx context.Context, filed []intake.Filing) error {
	return in.store.Filed(ctx, filed, in.ReadClock())
}

// Marks are the numbers that inbound remembers from one start to the next.
type Marks interface {
	// Mark returns a number that is remembered, or ErrNotFound.
	Mark(ctx context.Context, m intake.Mark) (int64, error)
	// SetMark remembers a number in the place of the one before.
	SetMark(ctx context.Context, m intake.Mark, n int64) error
	// FirstReceived returns when the first message of a mailbox was recorded, or ErrNotFound.
	FirstReceived(ctx context.Context, mailbox string) (time.Time, error)
}

// beginnings are from when on each mailbox is read.
type beginnings struct {
	*intake.Service
	out    *outbox.Outbox
	store  Copies
	update intake.Update[Tx]
	log    *slog.Logger
}

// Period returns when a message must have come into a mailbox to be taken: since the day that the configuration names,
// or else that of the first start with it. A mailbox may have been in use before, and nobody expects an answer to mail
// that a person answered long ago.
func (b *beginnings) Period(ctx context.Context, mailbox string) (intake.Period, error) {
	begins, err := b.begins(ctx, mailbox)
	if err == nil && begins.IsZero() {
		err = b.update(ctx, func(tx Tx) error {
			first, err := tx.FirstReceived(ctx, mailbox)
			if errors.Is(err, intake.ErrNotFound) || first.After(tx.Now) {
				first, err = tx.Now, nil
			}
			if err != nil {
				return err
			}
			if moved := first.Add(-b.Offset); moved.Before(first) {
				first = moved
			}
			local := first.In(b.Policy.Zone)
			begins = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, b.Policy.Zone).UTC()
			return tx.SetMark(ctx, intake.MarkBegan(mailbox), begins.Unix())
		})
	}
	return intake.Period{From: begins}, err
}

// begins returns from when on a mailbox is read; zero if it never was looked at.
func (b *beginnings) begins(ctx context.Context, mailbox string) (time.Time, error) {
	if since := b.Mailboxes[mailbox].Since; !since.IsZero() {
		return since, nil
	}
	n, err := b.store.Mark(ctx, intake.MarkBegan(mailbox))
	if errors.Is(err, intake.ErrNotFound) {
		return time.Time{}, nil
	}
	begins := time.Unix(n, 0).UTC()
	if begins.After(b.ReadClock()) { // the clock was ahead then
		return time.Time{}, err
	}
	return begins, err
}

// Left tells the operator of messages that stay in a mailbox since they came before its period, once they are more than
// before.
func (b *beginnings) Left(ctx context.Context, mailbox string, n int) error {
	period, err := b.Period(ctx, mailbox)
	if err != nil {
		return err
	}
	return b.update(ctx, func(tx Tx) error {
		told, err := tx.Mark(ctx, intake.MarkLeft(mailbox))
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return err
		}
		if int64(n) == told {
			return nil
		}
		if err := tx.SetMark(ctx, intake.MarkLeft(mailbox), int64(n)); err != nil || int64(n) < told {
			return err
		}
		date := period.From.In(b.Policy.Zone)
		b.log.Info("messages that came before the mailbox's beginning are left alone", "mailbox", mailbox, "messages", n,
			"since", date.Format(time.DateOnly))
		return b.out.Alert(ctx, tx.Work, intake.AlertLeft, fmt.Sprintf("Old mail is left alone in the mailbox %s", mailbox),
			fmt.Sprintf("Messages: %d, which came before %s", n, date.Format("2 January 2006")),
			"None of them is read, and nobody is answered. They stay where they are, unless somebody moves them.",
			"To see those of the last month, say: mfabot import --since "+date.AddDate(0, -1, 0).Format(time.DateOnly)+" --dry-run",
			"To have them read as if they had come now: the same without --dry-run. With --no-answers none of their authors is answered.")
	})
}

// came returns when a message came: into the mailbox, as the server says, or to the server that added the first Received
// field (RFC 5321, section 4.4) if that was earlier, since whoever copies old mail into a mailbox may give it the day of
// the copy. It is zero if neither is known.
func (r *reading) came(s *intake.Service) time.Time {
	at := r.At
	for _, f := range r.msg.Header {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		date := f.Value[strings.LastIndexByte(f.Value, ';')+1:]
		if received, err := mail.ParseDate(strings.TrimSpace(date)); err == nil && (at.IsZero() || received.Before(at)) {
			at = received.UTC()
		}
		break
	}
	if at.IsZero() {
		return at
	}
	return s.Nearest(at)
}

// before sets aside what is older than the mailbox's beginning and came into the mailbox later, as when the mail of
// another is copied into it.
func before(ctx context.Context, in *Inbox, m *message) (intake.Conclusion, bool, error) {
	came := m.came(in.Service)
	if m.again || m.Imported || came.IsZero() || m.check("of the mailbox's time", !came.Before(m.begins),
		"it came on %s; the mailbox is read from %s on", in.Moment(came), in.Moment(m.begins)) {
		return intake.Conclusion{}, false, nil
	}
	c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyBefore, nil)
	return c, true, err
}
