package intake_test

import (
	"context"
	"io"
	"log/slog"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
	"mfabot/intake/enforce"
	"mfabot/intake/inbound"
	"mfabot/intake/outbox"
	"mfabot/intake/retain"
	"mfabot/intake/review"
	"mfabot/store"
)

// config is what the domain of a test works by.
type config struct {
	intake.Service
	judge     inbound.Judge
	scanner   inbound.Scanner
	directory enforce.Directory
	key       []byte
	random    io.Reader
	log       *slog.Logger
}

// domain is every part of the domain, on one store.
type domain struct {
	*outbox.Outbox
	*review.Panel
	*inbound.Inbox
	*enforce.Enforcer
	*retain.Keeper
	*desk.Desk
}

// trouble is what goes wrong between the domain and its store.
type trouble struct {
	update  func(context.Context) error       // before a transaction
	forgive func(context.Context) error       // before attempts are taken back
	reviews func(tx *review.Tx, of *store.Tx) // changes what is seen of a transaction
}

// troubled is a store to which it happens.
type troubled struct {
	*store.Store
	trouble
}

func (t troubled) Forgive(ctx context.Context, copies []intake.Copy) error {
	if t.forgive != nil {
		if err := t.forgive(ctx); err != nil {
			return err
		}
	}
	return t.Store.Forgive(ctx, copies)
}

func newDomain(c config, db *store.Store, t *trouble) *domain {
	if t == nil {
		t = new(trouble)
	}
	at := &moment{troubled{db, *t}, c.Clock}
	d := new(domain)
	s := &c.Service
	judges := make(map[string]inbound.Judge)
	for name := range c.Mailboxes {
		judges[name] = c.judge
	}
	d.Outbox = outbox.New(outbox.Config{Service: s, Key: c.key, Random: c.random, Update: updates(at, at.letters)})
	d.Enforcer = enforce.New(enforce.Config{Service: s, Outbox: d.Outbox, Directory: c.directory, Store: db,
		Update: updates(at, at.actions), Log: c.log})
	d.Panel = review.New(review.Config{Service: s, Outbox: d.Outbox, Groups: d.Enforcer, Directory: c.directory != nil,
		Update: updates(at, at.reviewed), Log: c.log})
	d.Inbox = inbound.New(inbound.Config{Service: s, Outbox: d.Outbox, Panel: d.Panel, Judges: judges, Scanner: c.scanner, Store: at.db,
		Update: updates(at, at.arrivals), Log: c.log})
	d.Keeper = retain.New(retain.Config{Service: s, Outbox: d.Outbox, Store: db, Update: updates(at, at.kept), Log: c.log})
	d.Desk = desk.New(desk.Config{Service: s, Outbox: d.Outbox, Panel: d.Panel, Inbox: d.Inbox, Accounts: d.Enforcer, Messages: db,
		Update: updates(at, at.commands)})
	return d
}

// DecideByHand decides without saying for whom.
func (d *domain) DecideByHand(ctx context.Context, ref, verb, text, as string) (*intake.Request, error) {
	return d.Desk.DecideByHand(ctx, desk.ByHand{Ref: ref, Verb: verb, Text: text, As: as})
}

// GiveUp gives a letter up.
func (d *domain) GiveUp(ctx context.Context, id int64, r intake.Refusal) error {
	return review.GiveUp(ctx, d.Panel, id, r)
}

// Sweep does what is due, and makes the checkpoint of the day.
func (d *domain) Sweep(ctx context.Context) (int, error) {
	n, err := d.Panel.Sweep(ctx)
	if err == nil {
		err = d.Checkpoint(ctx)
	}
	return n, err
}

// moment shows the transactions of a store, at the time of a clock.
type moment struct {
	db    troubled
	clock func() time.Time
}

func updates[T any](m *moment, see func(*store.Tx) T) intake.Update[T] {
	return func(ctx context.Context, do func(T) error) error {
		if m.db.update != nil {
			if err := m.db.update(ctx); err != nil {
				return err
			}
		}
		return m.db.Update(ctx, func(tx *store.Tx) error { return do(see(tx)) })
	}
}

func (m *moment) letters(tx *store.Tx) outbox.Work {
	return outbox.Work{Letters: tx, Allowances: tx, Codes: tx, Audit: tx, Undelivered: tx, Todos: tx, Languages: tx,
		Now: m.clock().UTC().Truncate(time.Second)}
}

func (m *moment) reviewed(tx *store.Tx) review.Tx {
	seen := review.Tx{Work: m.letters(tx), Requests: tx, Corrections: tx, Decisions: tx, Exceptions: tx, Away: tx,
		Reminders: tx, Mornings: tx, Summaries: tx, Actions: tx, Days: tx}
	if m.db.reviews != nil {
		m.db.reviews(&seen, tx)
	}
	return seen
}

func (m *moment) arrivals(tx *store.Tx) inbound.Tx {
	return inbound.Tx{Tx: m.reviewed(tx), Ledger: tx, Requests: tx, Marks: tx}
}

func (m *moment) commands(tx *store.Tx) desk.Tx {
	return desk.Tx{Tx: m.reviewed(tx), Granting: tx}
}

func (m *moment) actions(tx *store.Tx) enforce.Tx {
	return enforce.Tx{Work: m.letters(tx), Actions: tx}
}

func (m *moment) kept(tx *store.Tx) retain.Tx {
	return retain.Tx{Work: m.letters(tx), Shredder: tx, Eraser: tx, Holds: tx, Checkpoints: tx}
}
