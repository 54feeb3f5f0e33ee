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
	*tracker
	panel  *review.Panel
	reader *reader

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
	tr := &tracker{c.Service, c.Store, c.Outbox, c.Update, c.Log}
	return &Inbox{tracker: tr, panel: c.Panel, reader: r, unasked: make(map[intake.Copy]unasked)}
}

// tracker keeps track of the copies of messages that lie in mailboxes, and from when on each mailbox is read.
type tracker struct {
	*intake.Service
	store  Copies
	out    *outbox.Outbox
	update intake.Update[Tx]
	log    *slog.Logger
}

// Unknown returns the UIDs of a mailbox that are not on record, ascending.
func (tr *tracker) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return tr.store.Unknown(ctx, mailbox, uidValidity, uids)
}

// Returned returns the UIDs of a mailbox that are on record as having left it, ascending.
func (tr *tracker) Returned(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return tr.store.Returned(ctx, mailbox, uidValidity, uids)
}

// Unfiled returns at most limit filings that are committed but not carried out yet, of UIDs above after, ascending.
func (tr *tracker) Unfiled(ctx context.Context, mailbox string, uidValidity, after uint32, limit int) ([]intake.Filing, error) {
	return tr.store.Unfiled(ctx, mailbox, uidValidity, after, limit)
}

// Filed records that copies have left their mailbox.
func (tr *tracker) Filed(ctx context.Context, filed []intake.Filing) error {
	return tr.store.Filed(ctx, filed, tr.ReadClock())
}

// Stuck returns the messages that are on record as stuck in a mailbox.
func (tr *tracker) Stuck(ctx context.Context, mailbox string) ([]intake.Stuck, error) {
	return tr.store.Stuck(ctx, mailbox)
}

// NoteStuck records that messages are stuck in their mailbox, in place of what is on record of them, and that others no
// longer are. The operator hears of each once.
func (tr *tracker) NoteStuck(ctx context.Context, stuck []intake.Stuck, over []intake.Copy) error {
	if len(stuck)+len(over) == 0 {
		return nil
	}
	return tr.update(ctx, func(tx Tx) error {
		for _, c := range over {
			if err := tx.Unstick(ctx, c); err != nil {
				return err
			}
		}
		for _, s := range stuck {
			if err := tx.AddStuck(ctx, s); err != nil {
				return err
			}
		}
		if len(stuck) == 0 {
			return nil
		}
		return tellOfStuck(ctx, tr.out, tx, stuck[0].Mailbox)
	})
}

// maxStuckNamed bounds how many stuck messages an alert names.
const maxStuckNamed = 20

// tellOfStuck tells the operator of messages that are stuck in a mailbox.
func tellOfStuck(ctx context.Context, out *outbox.Outbox, tx Tx, mailbox string) error {
	untold, err := tx.Untold(ctx, mailbox)
	if err != nil || len(untold) == 0 {
		return err
	}
	headline := "A message is stuck in the mailbox " + mailbox
	if len(untold) > 1 {
		headline = fmt.Sprintf("%d messages are stuck in the mailbox %s", len(untold), mailbox)
	}
	by := outbox.Cause{By: "the mailbox " + mailbox}
	var lines []string
	reading := false
	for i, s := range untold {
		reading = reading || s.Step == intake.StuckReading
		if i < maxStuckNamed {
			lines = append(lines, fmt.Sprintf("UID %d%s, %s: %s", s.UID, sizeOf(s), s.Step, s.Cause))
		}
	}
	if more := len(untold) - maxStuckNamed; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more: `mfabot inbound` lists them.", more))
	}
	lines = append(lines, "The mail server does not do with them what it should. They stay in the inbox and are tried again, less and "+
		"less often, and hold up no other message. `mfabot inbound` and the health check name them until that is over.")
	if reading {
		lines = append(lines, "Nobody has been answered about what was not handed over.")
		by = by.Do("Open it in a mail client, such as Outlook on the " +
			"web. If it can be read there, move it to another folder and back to the inbox: it is then read as new. " +
			"Otherwise ask its sender to send it again.")
	} else {
		lines = append(lines, "What is not filed was read and answered.")
		by = by.Do("See whether the mailbox is full, and whether its folders " +
			"Processed, Refused and Quarantine can be written to.")
	}
	if err := out.Alert(ctx, tx.Work, intake.AlertStuck, by, headline, lines...); err != nil {
		return err
	}
	return tx.ToldOfStuck(ctx, mailbox, tx.Now)
}

// sizeOf tells the size of a message, if the server does.
func sizeOf(s intake.Stuck) string {
	if s.Size == 0 {
		return ""
	}
	return fmt.Sprintf(", %d bytes", s.Size)
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

// Period returns when a message must have come into a mailbox to be taken: since the day that the configuration names,
// or else that of the first start with it. A mailbox may have been in use before, and nobody expects an answer to mail
// that a person answered long ago.
func (tr *tracker) Period(ctx context.Context, mailbox string) (intake.Period, error) {
	begins, err := tr.begins(ctx, mailbox)
	if err == nil && begins.IsZero() {
		err = tr.update(ctx, func(tx Tx) error {
			first, err := tx.FirstReceived(ctx, mailbox)
			if errors.Is(err, intake.ErrNotFound) || first.After(tx.Now) {
				first, err = tx.Now, nil
			}
			if err != nil {
				return err
			}
			if moved := first.Add(-tr.Offset); moved.Before(first) {
				first = moved
			}
			local := first.In(tr.Policy.Zone)
			begins = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, tr.Policy.Zone).UTC()
			return tx.SetMark(ctx, intake.MarkBegan(mailbox), begins.Unix())
		})
	}
	return intake.Period{From: begins}, err
}

// begins returns from when on a mailbox is read; zero if it never was looked at.
func (tr *tracker) begins(ctx context.Context, mailbox string) (time.Time, error) {
	if since := tr.Mailboxes[mailbox].Since; !since.IsZero() {
		return since, nil
	}
	n, err := tr.store.Mark(ctx, intake.MarkBegan(mailbox))
	if errors.Is(err, intake.ErrNotFound) {
		return time.Time{}, nil
	}
	begins := time.Unix(n, 0).UTC()
	if begins.After(tr.ReadClock()) { // the clock was ahead then
		return time.Time{}, err
	}
	return begins, err
}

// Alone returns until when a mailbox's server has asked to be left alone; zero if it has not.
func (tr *tracker) Alone(ctx context.Context, mailbox string) (time.Time, error) {
	n, err := tr.store.Mark(ctx, intake.MarkAlone(mailbox))
	if errors.Is(err, intake.ErrNotFound) || n == 0 {
		return time.Time{}, nil
	}
	return time.Unix(n, 0).UTC(), err
}

// NoteAlone records until when a mailbox's server wants to be left alone; zero for no longer.
func (tr *tracker) NoteAlone(ctx context.Context, mailbox string, until time.Time) error {
	n := int64(0)
	if !until.IsZero() {
		n = until.Unix()
	}
	return tr.update(ctx, func(tx Tx) error { return tx.SetMark(ctx, intake.MarkAlone(mailbox), n) })
}

// Left tells the operator of messages that stay in a mailbox since they came before its period, once they are more than
// before.
func (tr *tracker) Left(ctx context.Context, mailbox string, n int) error {
	period, err := tr.Period(ctx, mailbox)
	if err != nil {
		return err
	}
	return tr.update(ctx, func(tx Tx) error {
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
		date := period.From.In(tr.Policy.Zone)
		tr.log.Info("messages that came before the mailbox's beginning are left alone", "mailbox", mailbox, "messages", n,
			"since", date.Format(time.DateOnly))
		todo := outbox.Cause{}.Do(
			"To see those of the last month, say: mfabot import --since "+date.AddDate(0, -1, 0).Format(time.DateOnly)+" --dry-run",
			"To have them read as if they had come now: the same without --dry-run. With --no-answers none of their authors is answered.")
		return tr.out.Alert(ctx, tx.Work, intake.AlertLeft, todo, fmt.Sprintf("Old mail is left alone in the mailbox %s", mailbox),
			fmt.Sprintf("Messages: %d, which came before %s", n, date.Format("2 January 2006")),
			"None of them is read, and nobody is answered. They stay where they are, unless somebody moves them.")
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
