package inbound

import (
	"context"
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
	return &Inbox{Service: c.Service, out: c.Outbox, panel: c.Panel, reader: r, store: c.Store, update: c.Update,
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
