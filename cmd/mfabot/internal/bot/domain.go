package bot

import (
	"context"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/desk"
	"mfabot/intake/enforce"
	"mfabot/intake/inbound"
	"mfabot/intake/outbox"
	"mfabot/intake/report"
	"mfabot/intake/retain"
	"mfabot/intake/review"
	"mfabot/intake/senderauth"
	"mfabot/store"
)

// Domain is what is done with messages, requests and exceptions, by who does it.
type Domain struct {
	Service  *intake.Service
	Outbox   *outbox.Outbox
	Panel    *review.Panel
	Inbox    *inbound.Inbox
	Enforcer *enforce.Enforcer
	Keeper   *retain.Keeper
	Monthly  *report.Monthly
	Desk     *desk.Desk

	directory *watchedDirectory // nil if there is none
	scans     *watchedScanner   // likewise
}

// newDomain puts the domain together on a database. typist is who typed the command that it is for; empty for run.
func newDomain(s *config.Settings, db *store.Store, key store.SealKey, around Surroundings, typist string, b *Bot) *Domain {
	log := around.Log
	service := &intake.Service{Policy: s.Policy, Holidays: s.Holidays, Sites: intake.NewRegister(s.Sites), Reviewers: s.Reviewers,
		Mailboxes: make(map[string]intake.Mailbox), Address: s.Service.Address, Operator: s.Service.Operator, Auditor: s.Service.Auditor,
		Owner: s.Service.Owner, Instance: db.Instance(), Typist: typist, Clock: around.Clock, Offset: s.ClockOffset}
	judges := make(map[string]inbound.Judge)
	dns := Resolver(s.Service.Resolver)
	for _, w := range s.Mailboxes {
		service.Mailboxes[w.Name] = intake.Mailbox{Address: intake.Canonical(w.Username), Site: w.Site, Since: w.Since}
		judges[w.Name] = senderauth.New(w.Trust, dns)
	}
	d := &Domain{Service: service, directory: watched(s, around.Clock, b.counters), scans: watchedScans(s, around.Clock)}
	var directory enforce.Directory
	if d.directory != nil {
		directory = d.directory
	}
	var scanner inbound.Scanner
	if d.scans != nil {
		scanner = d.scans
	}
	d.Outbox = outbox.New(outbox.Config{Service: service, Key: key.Secret, Random: around.Random, Update: update(db, service, letters)})
	d.Enforcer = enforce.New(enforce.Config{Service: service, Outbox: d.Outbox, Directory: directory, Store: db,
		Update: update(db, service, actions), Log: log})
	d.Panel = review.New(review.Config{
		Service: service, Outbox: d.Outbox, Groups: d.Enforcer, Directory: s.Directory != nil, Update: update(db, service, reviews),
		Log: log,
	})
	d.Inbox = inbound.New(inbound.Config{Service: service, Outbox: d.Outbox, Panel: d.Panel, Judges: judges, Scanner: scanner, Store: db,
		Update: update(db, service, arrivals), Log: log})
	d.Keeper = retain.New(retain.Config{Service: service, Outbox: d.Outbox, Store: db, Update: update(db, service, kept), Log: log})
	d.Monthly = report.New(report.Config{Service: service, Outbox: d.Outbox, Store: db, Update: update(db, service, months)})
	d.Desk = desk.New(desk.Config{Service: service, Outbox: d.Outbox, Panel: d.Panel, Inbox: d.Inbox, Accounts: d.Enforcer, Messages: db,
		Boxes: b, Instead: func(to string) string { return b.Composer.Instead(to) },
		Update: update(db, service, commands)})
	return d
}

// update runs transactions of the database, of which see shows what a package needs.
func update[T any](db *store.Store, s *intake.Service, see func(*store.Tx, time.Time) T) intake.Update[T] {
	return func(ctx context.Context, do func(T) error) error {
		return db.Update(ctx, func(tx *store.Tx) error { return do(see(tx, s.ReadClock())) })
	}
}

func letters(tx *store.Tx, now time.Time) outbox.Work {
	return outbox.Work{Letters: tx, Allowances: tx, Codes: tx, Audit: tx, Undelivered: tx, Todos: tx, Languages: tx, Now: now}
}

func reviews(tx *store.Tx, now time.Time) review.Tx {
	return review.Tx{Work: letters(tx, now), Requests: tx, Corrections: tx, Decisions: tx, Exceptions: tx,
		Away: tx, Reminders: tx, Mornings: tx, Summaries: tx, Actions: tx, Days: tx}
}

func arrivals(tx *store.Tx, now time.Time) inbound.Tx {
	return inbound.Tx{Tx: reviews(tx, now), Ledger: tx, Requests: tx, Marks: tx}
}

func commands(tx *store.Tx, now time.Time) desk.Tx {
	return desk.Tx{Tx: reviews(tx, now), Granting: tx}
}

func actions(tx *store.Tx, now time.Time) enforce.Tx {
	return enforce.Tx{Work: letters(tx, now), Actions: tx}
}

func kept(tx *store.Tx, now time.Time) retain.Tx {
	return retain.Tx{Work: letters(tx, now), Shredder: tx, Eraser: tx, Holds: tx, Checkpoints: tx}
}

func months(tx *store.Tx, now time.Time) report.Tx {
	return report.Tx{Work: letters(tx, now), Marks: tx}
}
