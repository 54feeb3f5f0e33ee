package outbox

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"mfabot/intake"
)

// Work is a transaction at its moment, as whatever writes letters needs it.
type Work struct {
	Letters
	Allowances
	Codes
	Audit
	Undelivered
	Now time.Time
}

type Letters interface {
	AddOutbound(ctx context.Context, o *intake.Outbound) error
	// OvertakeLetters takes out of the queue what was not sent yet of a template to
	// an address about a request; about none where ref is empty.
	OvertakeLetters(ctx context.Context, template intake.Template, ref, to string) error
	// Conversation returns the Message-IDs of what was sent to an address about
	// a reference, oldest first, at most limit of the newest.
	Conversation(ctx context.Context, ref, to string, limit int) ([]string, error)
	// CountLetters counts letters of a template to an address since a moment;
	// empty why counts every reason.
	CountLetters(ctx context.Context, t []intake.Template, to string, why intake.Why, since time.Time) (int, error)
}

type Undelivered interface {
	// GiveUp records that a message will not be sent, and returns it.
	GiveUp(ctx context.Context, id int64, lastError string) (*intake.Outbound, error)
	// LaterNotice reports whether a warning of an exception, or the news that it is
	// over, was written after a moment, not counting what stands for another letter.
	LaterNotice(ctx context.Context, ref string, since time.Time) (bool, error)
	// Bounced records that a message was refused for good, with the status that
	// was given; ErrStale if that is known already.
	Bounced(ctx context.Context, id int64, status string, now time.Time) error
	// BouncedLately reports whether a message to an address was refused for good
	// after a moment.
	BouncedLately(ctx context.Context, address string, since time.Time) (bool, error)
	// TriedFor returns the addresses of a message and of those that stand for it.
	TriedFor(ctx context.Context, id int64) ([]string, error)
	// Exception returns one, or ErrNotFound.
	Exception(ctx context.Context, ref string) (*intake.Exception, error)
}

type Allowances interface {
	// Spend takes one letter from an allowance; ErrSpent if there is none.
	Spend(ctx context.Context, a intake.Allowance, now time.Time) error
	// TidyAllowances forgets allowances that are full again, at most limit of
	// them, and frees those that a clock which was ahead has locked.
	TidyAllowances(ctx context.Context, now time.Time, limit int) error
	// Savepoint runs fn, and undoes what it did when it returns an error.
	Savepoint(ctx context.Context, fn func() error) error
}

type Codes interface {
	AddReview(ctx context.Context, r *intake.Review) error
	// ReviewByCode returns what a token is for, or ErrNotFound.
	ReviewByCode(ctx context.Context, hash string) (*intake.Review, error)
	// OutboundByMessageID finds a message of ours, or ErrNotFound.
	OutboundByMessageID(ctx context.Context, messageID string) (*intake.Outbound, error)
}

type Audit interface {
	// Record appends to the audit.
	Record(ctx context.Context, e intake.HistoryEntry) error
	// History returns the audit of one reference, oldest first.
	History(ctx context.Context, ref string) ([]intake.HistoryEntry, error)
}

// Config is what an Outbox works by.
type Config struct {
	*intake.Service
	Key    []byte    // makes the review codes, and is kept apart from the database; KeySize bytes at least
	Random io.Reader // crypto/rand where nil
	Update intake.Update[Work]
}

// Outbox writes the letters. It is safe for concurrent use.
type Outbox struct {
	*intake.Service
	key    []byte
	random io.Reader
	update intake.Update[Work]
}

// New returns an Outbox.
func New(c Config) *Outbox {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return &Outbox{Service: c.Service, key: c.Key, random: c.Random, update: c.Update}
}
