package intake

import (
	"context"
	"errors"
	"time"
)

// Store keeps everything.
type Store interface {
	// Update runs fn in one transaction, which commits when fn returns nil.
	Update(ctx context.Context, fn func(Tx) error) error
	Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]Filing, error)
	Filed(ctx context.Context, filed []Filing, now time.Time) error
	// Begun returns how often each message was begun and not ended.
	Begun(ctx context.Context, copies []Copy) ([]int, error)
	// Begin puts on record that messages are about to be dealt with.
	Begin(ctx context.Context, copies []Copy) error
	// Forgive forgets that messages were begun.
	Forgive(ctx context.Context, copies []Copy) error
	// Message returns a message of the ledger with its raw bytes, or ErrNotFound.
	// With ErrPurged it returns what is left of it.
	Message(ctx context.Context, id int64) (*Inbound, error)
	Archive
	Enforced
}

// ErrNotFound says that there is no such request, exception or token.
var ErrNotFound = errors.New("not found")

// ErrPurged says that something was kept for as long as the policy says, and is
// not kept any more.
var ErrPurged = errors.New("not kept any more")

// ErrStale says that a request or exception changed since it was read, so that a
// change based on it was not made.
var ErrStale = errors.New("changed meanwhile")

// Tx is what a transaction offers to the domain.
type Tx interface {
	Ledger
	Requests
	Exceptions
	Outbox
	Actions
	Audit
	Shredder
	Reminders
	Absences
	Mornings
	// Savepoint runs fn, and undoes what it did when it returns an error.
	Savepoint(ctx context.Context, fn func() error) error
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

// Requests is the requests with their evidence and reviews.
type Requests interface {
	// NextRef counts up a year's references: LT-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	AddRequest(ctx context.Context, r *Request) error
	// Request returns a request with its evidence, or ErrNotFound.
	Request(ctx context.Context, ref string) (*Request, error)
	// UpdateRequest stores r, raising its version, if it is still in the state
	// from and of the version in r; else ErrStale.
	UpdateRequest(ctx context.Context, r *Request, from State) error
	// AddEvidence adds to a request's evidence.
	AddEvidence(ctx context.Context, ref string, evidence []Evidence) error
	// RequestsBegunBy returns the references of requests that a site began with
	// a message of this Message-ID.
	RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error)
	// OpenRequests returns the references of a site's requests that are
	// incomplete, pending or in need of information, oldest first; of one
	// subject, or of all where email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
	// OpenRequestsFor is OpenRequests for a user, of every site.
	OpenRequestsFor(ctx context.Context, email string) ([]string, error)
	// Renewing returns the reference of the open request that would renew an
	// exception; empty for none.
	Renewing(ctx context.Context, exception string) (string, error)
	// SeenFile reports whether a file came with other mail of a site, about
	// others than the user.
	SeenFile(ctx context.Context, siteCode, sha256, user string, inboundID int64) (bool, error)
	// Lapsing returns the references of requests whose time to answer is over.
	Lapsing(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Unanswered returns the references of requests whose sites were asked for
	// something at asked or before, have time left, and were not reminded of it.
	Unanswered(ctx context.Context, now, asked time.Time, limit int) ([]string, error)

	AddReview(ctx context.Context, r *ReviewRecord) error
	// ReviewByToken returns what a token is for, or ErrNotFound.
	ReviewByToken(ctx context.Context, hash string) (*ReviewRecord, error)
	// Reviews returns all of a request's, oldest first.
	Reviews(ctx context.Context, ref string) ([]ReviewRecord, error)
	// Decide records a decision, if its token still holds; else ErrStale.
	Decide(ctx context.Context, id int64, decision Event, text string, now time.Time) error
	// VoidReview takes the force from one token.
	VoidReview(ctx context.Context, id int64, now time.Time) error
	// VoidReviews takes the force from all tokens of a request.
	VoidReviews(ctx context.Context, ref string, now time.Time) error
}

// Exceptions is the granted periods.
type Exceptions interface {
	AddException(ctx context.Context, e *Exception) error
	// Exception returns one, or ErrNotFound.
	Exception(ctx context.Context, ref string) (*Exception, error)
	// Unclosed returns the exceptions of a user that are not closed yet, the
	// soonest to end first; the time of some may be over.
	Unclosed(ctx context.Context, email string) ([]Exception, error)
	// GrantedSince counts the short-term exceptions that a user was given at a
	// moment or later.
	GrantedSince(ctx context.Context, email string, since time.Time) (int, error)
	// Due returns active exceptions with a notice due, soonest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Exception, error)
	// SetNextNotice moves the next notice, if the exception is active and its
	// next notice is still at from; else ErrStale.
	SetNextNotice(ctx context.Context, ref string, from, to time.Time) error
	// CloseException leaves the active state for another; ErrStale if it has
	// left it already.
	CloseException(ctx context.Context, ref string, to ExceptionState, now time.Time) error
}

// Outbox is the outbound messages.
type Outbox interface {
	AddOutbound(ctx context.Context, o *Outbound) error
	// GiveUp records that a message will not be sent, and returns it.
	GiveUp(ctx context.Context, id int64, lastError string) (*Outbound, error)
	// Overtake takes out of the queue the warnings of an exception that were not
	// sent yet, and returns to whom they were.
	Overtake(ctx context.Context, ref string) ([]string, error)
	// OvertakeLetters takes out of the queue what was not sent yet of a template to
	// an address about a request; about none where ref is empty.
	OvertakeLetters(ctx context.Context, template Template, ref, to string) error
	// LaterNotice reports whether a warning of an exception, or the news that it is
	// over, was written after a moment, not counting what stands for another letter.
	LaterNotice(ctx context.Context, ref string, since time.Time) (bool, error)
	// OutboundByMessageID finds a message of ours, or ErrNotFound.
	OutboundByMessageID(ctx context.Context, messageID string) (*Outbound, error)
	// Conversation returns the Message-IDs of what was sent to an address about
	// a reference, oldest first, at most limit of the newest.
	Conversation(ctx context.Context, ref, to string, limit int) ([]string, error)
	// CountLetters counts letters of a template to an address since a moment;
	// empty why counts every reason.
	CountLetters(ctx context.Context, t []Template, to, why string, since time.Time) (int, error)
	// Spend takes one letter from an allowance; ErrSpent if there is none.
	Spend(ctx context.Context, a Allowance, now time.Time) error
	// TidyAllowances forgets allowances that are full again, at most limit of
	// them, and frees those that a clock which was ahead has locked.
	TidyAllowances(ctx context.Context, now time.Time, limit int) error
	// Bounced records that a message was refused for good, with the status that
	// was given; ErrStale if that is known already.
	Bounced(ctx context.Context, id int64, status string, now time.Time) error
	// BouncedLately reports whether a message to an address was refused for good
	// after a moment.
	BouncedLately(ctx context.Context, address string, since time.Time) (bool, error)
	// TriedFor returns the addresses of a message and of those that stand for it.
	TriedFor(ctx context.Context, id int64) ([]string, error)
}

// Audit is what happened, entry by entry.
type Audit interface {
	// Record appends to the audit.
	Record(ctx context.Context, e HistoryEntry) error
	// History returns the audit of one reference, oldest first.
	History(ctx context.Context, ref string) ([]HistoryEntry, error)
	// Redact takes from all entries of a reference who did it and the words.
	Redact(ctx context.Context, ref string) error
	// AuditNow returns what a checkpoint says of the audit as it is now.
	AuditNow(ctx context.Context) (Checkpoint, error)
	// LastCheckpoint returns the newest checkpoint, the zero one where there is none.
	LastCheckpoint(ctx context.Context) (Checkpoint, error)
}
