package desk

import (
	"context"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
)

type Tx struct {
	review.Tx
	Granting
}

type Granting interface {
	// NextRef counts up a year's references: ST-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	// GrantedSince counts the short-term exceptions that a user was given at a
	// moment or later.
	GrantedSince(ctx context.Context, email string, since time.Time) (int, error)
	// OpenRequestsFor is OpenRequests for a user, of every site.
	OpenRequestsFor(ctx context.Context, email string) ([]string, error)
}

type Accounts interface {
	AccountOf(ctx context.Context, user string) string
}

// Messages is the ledger.
type Messages interface {
	// Message returns a message of the ledger with its raw bytes, or ErrNotFound.
	// With ErrPurged it returns what is left of it.
	Message(ctx context.Context, id int64) (*intake.Inbound, error)
}

// Config is what a Desk works by.
type Config struct {
	*intake.Service
	Outbox   *outbox.Outbox
	Panel    *review.Panel
	Inbox    *inbound.Inbox
	Accounts Accounts
	Messages Messages
	Update   intake.Update[Tx]
}

// Desk is what the operator does by command. It is safe for concurrent use.
type Desk struct {
	*intake.Service
	out      *outbox.Outbox
	panel    *review.Panel
	inbox    *inbound.Inbox
	accounts Accounts
	messages Messages
	update   intake.Update[Tx]
}

// New returns a Desk.
func New(c Config) *Desk {
	return &Desk{Service: c.Service, out: c.Outbox, panel: c.Panel, inbox: c.Inbox, accounts: c.Accounts, messages: c.Messages, update: c.Update}
}
