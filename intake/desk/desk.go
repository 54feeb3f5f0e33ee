// Package desk is what the operator does by command: record short-term grants, decide and revoke by hand,
// delegate, deal with leavers, and process quarantined messages again.
package desk

import (
	"context"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/parser"
)

// Tx is a transaction at its moment, with what the desk needs of it.
type Tx struct {
	review.Tx
	Granting
}

// Granting is what short-term grants, leavers and the requests of a site need of a transaction.
type Granting interface {
	// NextRef returns a year's next reference, such as ST-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	// GrantedSince counts the short-term exceptions granted to a user at since or later.
	GrantedSince(ctx context.Context, email string, since time.Time) (int, error)
	// OpenRequestsFor returns the references of a user's undecided requests, of any site.
	OpenRequestsFor(ctx context.Context, email string) ([]string, error)
	// OpenRequests returns the references of a site's undecided requests, oldest first: those for one user, or
	// all if email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
}

// Accounts asks the directory about users.
type Accounts interface {
	// AccountOf returns one of intake's Account constants; empty without a directory.
	AccountOf(ctx context.Context, user string) string
}

// Messages looks up messages in the ledger.
type Messages interface {
	// Message returns a message with its raw bytes, or ErrNotFound. With ErrPurged it returns what is left of
	// it.
	Message(ctx context.Context, id int64) (*intake.Inbound, error)
}

// Mailboxes reads messages where they lie.
type Mailboxes interface {
	// Whole returns all of a message of which only the beginning is stored, from the folder of its mailbox. The error
	// says so where it is not there any more.
	Whole(ctx context.Context, m *intake.Inbound) ([]byte, error)
	// Original returns the message in whose place the mail server had handed over a note, from the folder that this was
	// filed into. The error says what to do where it is not there, or the server still hands over the note.
	Original(ctx context.Context, m *intake.Inbound, note parser.ServerNote) ([]byte, error)
}

// Config is what a Desk works with.
type Config struct {
	*intake.Service
	Outbox   *outbox.Outbox
	Panel    *review.Panel
	Inbox    *inbound.Inbox
	Accounts Accounts
	Messages Messages
	Boxes    Mailboxes
	// Instead returns who gets a letter in the place of its recipient while a trial goes on; empty for none.
	Instead func(to string) string
	Update  intake.Update[Tx]
}

// Desk does what the operator asks for by command. It is safe for concurrent use.
type Desk struct {
	*intake.Service
	out      *outbox.Outbox
	panel    *review.Panel
	inbox    *inbound.Inbox
	accounts Accounts
	messages Messages
	boxes    Mailboxes
	kept     func(to string) string
	update   intake.Update[Tx]
}

// New returns a Desk.
func New(c Config) *Desk {
	return &Desk{Service: c.Service, out: c.Outbox, panel: c.Panel, inbox: c.Inbox, accounts: c.Accounts,
		messages: c.Messages, boxes: c.Boxes, kept: c.Instead, update: c.Update}
}
