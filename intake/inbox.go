package intake

import (
	"context"
	"log/slog"
	"mfabot/parser"
	"sync"
	"time"
)

type InboundTx struct {
	ReviewTx
	Ledger
	Asking
}

// Ledger is the inbound messages.
type Ledger interface {
	// AddInbound stores a message with its raw bytes and gives it its number.
	AddInbound(ctx context.Context, m *Inbound) error
	// Conclude sets the one outcome of a message, and how the checks on it came out.
	Conclude(ctx context.Context, id int64, c Conclusion, checks []Check) error
	// Reopen takes the outcome from a message that was quarantined, so that it can be
	// concluded again; else ErrStale.
	Reopen(ctx context.Context, id int64) error
	// SameContent finds the first message with this digest that had an effect, or
	// was refused in the same mailbox. ErrNotFound where there is none.
	SameContent(ctx context.Context, digest, mailbox string) (*Inbound, error)
}

type Asking interface {
	// NextRef counts up a year's references: LT-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	AddRequest(ctx context.Context, r *Request) error
	// AddEvidence adds to a request's evidence.
	AddEvidence(ctx context.Context, ref string, evidence []Evidence) error
	// RequestsBegunBy returns the references of requests that a site began with
	// a message of this Message-ID.
	RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error)
	// OpenRequests returns the references of a site's requests that are
	// incomplete, pending or in need of information, oldest first; of one
	// subject, or of all where email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
	// SeenFile reports whether a file came with other mail of a site, about
	// others than the user.
	SeenFile(ctx context.Context, siteCode, sha256, user string, inboundID int64) (bool, error)
}

// Copies is what is read and written outside of a transaction.
type Copies interface {
	Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]Filing, error)
	Filed(ctx context.Context, filed []Filing, now time.Time) error
	// Begun returns how often each message was begun and not ended.
	Begun(ctx context.Context, copies []Copy) ([]int, error)
	// Begin puts on record that messages are about to be dealt with.
	Begin(ctx context.Context, copies []Copy) error
	// Forgive forgets that messages were begun.
	Forgive(ctx context.Context, copies []Copy) error
}

// InboxConfig is what an Inbox works by.
type InboxConfig struct {
	*Service
	Outbox  *Outbox
	Panel   *Panel
	Judges  map[string]Judge // of senders, by the name of the mailbox
	Scanner Scanner          // checks evidence for viruses; nil for none
	Store   Copies
	Update  Update[InboundTx]
	Log     *slog.Logger
}

// Inbox takes in what arrives. It is safe for concurrent use.
type Inbox struct {
	*Service
	out     *Outbox
	panel   *Panel
	parser  *parser.Parser
	judges  map[string]Judge
	scanner Scanner
	store   Copies
	update  Update[InboundTx]
	log     *slog.Logger

	mu         sync.Mutex
	unforgiven []Copy             // whose attempts are still to be taken back
	heldSince  map[Copy]time.Time // messages that wait
}

// NewInbox returns an Inbox.
func NewInbox(c InboxConfig) *Inbox {
	return &Inbox{Service: c.Service, out: c.Outbox, panel: c.Panel, parser: parser.New(c.Policy.Vocabulary()), judges: c.Judges,
		scanner: c.Scanner, store: c.Store, update: c.Update, log: c.Log, heldSince: make(map[Copy]time.Time)}
}
