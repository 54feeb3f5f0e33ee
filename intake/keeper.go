package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

type RetainTx struct {
	Work
	Shredder
	Eraser
	Holds
	Checkpoints
}

type Checkpoints interface {
	// AuditNow returns what a checkpoint says of the audit as it is now.
	AuditNow(ctx context.Context) (Checkpoint, error)
	// LastCheckpoint returns the newest checkpoint, the zero one where there is none.
	LastCheckpoint(ctx context.Context) (Checkpoint, error)
}

// KeeperConfig is what a Keeper works by.
type KeeperConfig struct {
	*Service
	Outbox *Outbox
	Store  Archive
	Update Update[RetainTx]
	Log    *slog.Logger
}

// Keeper keeps things for as long as the policy says, and deletes them then. It is safe
// for concurrent use.
type Keeper struct {
	*Service
	out    *Outbox
	store  Archive
	update Update[RetainTx]
	log    *slog.Logger

	mu     sync.Mutex
	purged time.Time // the last night whose purge is done
}

// NewKeeper returns a Keeper.
func NewKeeper(c KeeperConfig) *Keeper {
	return &Keeper{Service: c.Service, out: c.Outbox, store: c.Store, update: c.Update, log: c.Log}
}
