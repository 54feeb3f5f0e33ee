package retain

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
	Shredder
	Eraser
	Holds
	Checkpoints
}

type Checkpoints interface {
	// AuditNow returns what a checkpoint says of the audit as it is now.
	AuditNow(ctx context.Context) (intake.Checkpoint, error)
	// LastCheckpoint returns the newest checkpoint, the zero one where there is none.
	LastCheckpoint(ctx context.Context) (intake.Checkpoint, error)
}

// Config is what a Keeper works by.
type Config struct {
	*intake.Service
	Outbox *outbox.Outbox
	Store  Archive
	Update intake.Update[Tx]
	Log    *slog.Logger
}

// Keeper keeps things for as long as the policy says, and deletes them then. It is safe
// for concurrent use.
type Keeper struct {
	*intake.Service
	out    *outbox.Outbox
	store  Archive
	update intake.Update[Tx]
	log    *slog.Logger

	mu     sync.Mutex
	purged time.Time // the last night whose purge is done
}

// New returns a Keeper.
func New(c Config) *Keeper {
	return &Keeper{Service: c.Service, out: c.Outbox, store: c.Store, update: c.Update, log: c.Log}
}
