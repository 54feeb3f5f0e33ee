package review

import (
	"context"
	"log/slog"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Tx is a transaction at its moment.
type Tx struct {
	outbox.Work
	Requests
	Decisions
	Exceptions
	Away
	Reminders
	Mornings
	Actions
	Days
}

type Requests interface {
	// Request returns a request with its evidence, or ErrNotFound.
	Request(ctx context.Context, ref string) (*intake.Request, error)
	// UpdateRequest stores r, raising its version, if it is still in the state
	// from and of the version in r; else ErrStale.
	UpdateRequest(ctx context.Context, r *intake.Request, from intake.State) error
	// Renewing returns the reference of the open request that would renew an
	// exception; empty for none.
	Renewing(ctx context.Context, exception string) (string, error)
	// Lapsing returns the references of requests whose time to answer is over.
	Lapsing(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Unanswered returns the references of requests whose sites were asked for
	// something at asked or before, have time left, and were not reminded of it.
	Unanswered(ctx context.Context, now, asked time.Time, limit int) ([]string, error)
}

type Decisions interface {
	// Reviews returns all of a request's, oldest first.
	Reviews(ctx context.Context, ref string) ([]intake.Review, error)
	// Decide records a decision, if its token still holds; else ErrStale.
	Decide(ctx context.Context, id int64, decision intake.Event, text string, now time.Time) error
	// VoidReview takes the force from one token.
	VoidReview(ctx context.Context, id int64, now time.Time) error
	// VoidReviews takes the force from all tokens of a request.
	VoidReviews(ctx context.Context, ref string, now time.Time) error
}

// Exceptions is the granted periods.
type Exceptions interface {
	AddException(ctx context.Context, e *intake.Exception) error
	// Exception returns one, or ErrNotFound.
	Exception(ctx context.Context, ref string) (*intake.Exception, error)
	// Unclosed returns the exceptions of a user that are not closed yet, the
	// soonest to end first; the time of some may be over.
	Unclosed(ctx context.Context, email string) ([]intake.Exception, error)
	// NoticesDue returns active exceptions with a notice due, soonest first.
	NoticesDue(ctx context.Context, now time.Time, limit int) ([]intake.Exception, error)
	// SetNextNotice moves the next notice, if the exception is active and its
	// next notice is still at from; else ErrStale.
	SetNextNotice(ctx context.Context, ref string, from, to time.Time) error
	// CloseException leaves the active state for another; ErrStale if it has
	// left it already.
	CloseException(ctx context.Context, ref string, to intake.ExceptionState, now time.Time) error
	// Overtake takes out of the queue the warnings of an exception that were not
	// sent yet, and returns to whom they were.
	Overtake(ctx context.Context, ref string) ([]string, error)
}

type Days interface {
	// Once marks what is done once a day as done on a day; ErrStale if it was.
	Once(ctx context.Context, name, day string) error
}

type Actions interface {
	// AddAction puts an action into the queue, in place of those that were still to be
	// done for its user.
	AddAction(ctx context.Context, a *intake.Action) error
}

// Config is what a Panel works by.
type Config struct {
	*intake.Service
	Outbox    *outbox.Outbox
	Directory bool // exceptions are applied in a directory; else the operator is asked to
	Update    intake.Update[Tx]
	Log       *slog.Logger
}

// Panel is the reviewers at work, and what comes of their decisions. It is safe for
// concurrent use.
type Panel struct {
	*intake.Service
	out       *outbox.Outbox
	directory bool
	update    intake.Update[Tx]
	log       *slog.Logger
}

// New returns a Panel.
func New(c Config) *Panel {
	return &Panel{Service: c.Service, out: c.Outbox, directory: c.Directory, update: c.Update, log: c.Log}
}
