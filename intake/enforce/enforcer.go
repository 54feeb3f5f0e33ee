package enforce

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

type Tx struct {
	outbox.Work
	Doings
}

type Doings interface {
	AddAction(ctx context.Context, a *intake.Action) error
	// TakeAction puts an attempt on record, and keeps the others of the same user
	// waiting until then at most; ErrStale if the action is not due any more.
	TakeAction(ctx context.Context, id int64, now, until time.Time) error
	// EndAction ends an action. One that was overtaken meanwhile stays so.
	EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error
	// Applied keeps the directory's ID of an exception's user.
	Applied(ctx context.Context, ref, member string) error
	// OtherwiseExempt reports whether the user of an exception has another one that is
	// active, under whatever address, by the directory's ID.
	OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error)
	// DelayAction puts an action that nobody has in hand off until due.
	DelayAction(ctx context.Context, id int64, now, due time.Time, lastError string) error
	// PutBackAction puts an action back that was in hand, until due.
	PutBackAction(ctx context.Context, id int64, due, alerted time.Time, lastError string) error
	// Once marks what is done once a day as done on a day; ErrStale if it was.
	Once(ctx context.Context, name, day string) error
	Unclosed(ctx context.Context, email string) ([]intake.Exception, error)
}

// Config is what an Enforcer works by.
type Config struct {
	*intake.Service
	Outbox    *outbox.Outbox
	Directory Directory // where MFA is enforced; nil: the operator is asked to do it
	Store     Enforced
	Update    intake.Update[Tx]
	Log       *slog.Logger
}

// Enforcer has exceptions applied where MFA is enforced. It is safe for concurrent use.
type Enforcer struct {
	*intake.Service
	out       *outbox.Outbox
	directory Directory
	store     Enforced
	update    intake.Update[Tx]
	log       *slog.Logger

	mu         sync.Mutex
	accounts   map[string]known // that were looked at, by address
	silentTo   time.Time        // accounts are not looked at, as the directory did not answer
	compareAt  time.Time        // the directory, not before
	comparedOn string           // the day when the directory was compared last
}

// New returns an Enforcer.
func New(c Config) *Enforcer {
	return &Enforcer{Service: c.Service, out: c.Outbox, directory: c.Directory, store: c.Store, update: c.Update, log: c.Log,
		accounts: make(map[string]known)}
}
