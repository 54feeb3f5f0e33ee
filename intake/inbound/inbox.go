package inbound

import (
	"context"
	"fmt"
	"log/slog"
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
	out    *outbox.Outbox
	panel  *review.Panel
	reader *reader
	store  Copies
	update intake.Update[Tx]
	log    *slog.Logger
	tracker

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
	return &Inbox{Service: c.Service, out: c.Outbox, panel: c.Panel, reader: r, store: c.Store, update: c.Update, log: c.Log,
		tracker: tracker{c.Service, c.Store, c.Outbox, c.Update}, unasked: make(map[intake.Copy]unasked)}
}

// tracker keeps track of the copies of messages that lie in mailboxes.
type tracker struct {
	service *intake.Service
	store   Copies
	out     *outbox.Outbox
	update  intake.Update[Tx]
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
	return tr.store.Filed(ctx, filed, tr.service.ReadClock())
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
		lines = append(lines, "Nobody has been answered about what was not handed over. Open it in a mail client, such as Outlook on the "+
			"web. If it can be read there, move it to another folder and back to the inbox: it is then read as new. "+
			"Otherwise ask its sender to send it again.")
	} else {
		lines = append(lines, "What is not filed was read and answered. See whether the mailbox is full, and whether its folders "+
			"Processed, Refused and Quarantine can be written to.")
	}
	by := outbox.Cause{By: "the mailbox " + mailbox}
	if err := out.AlertBy(ctx, tx.Work, intake.AlertStuck, by, headline, lines...); err != nil {
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
