// Package retain deletes personal data when the policy says that it has been kept long enough, and whatever
// is held of one person on request. It leaves the proof in the audit, respects legal holds, and makes the
// audit's daily checkpoints.
package retain

import (
	"log/slog"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Tx is a transaction and the moment it happens at: what this package needs of the store.
type Tx struct {
	outbox.Work
	Shredder
	Eraser
	Holds
	Checkpoints
}

// Config is what New needs. All of it is required.
type Config struct {
	*intake.Service
	Outbox *outbox.Outbox
	Store  Archive
	Update intake.Update[Tx]
	Log    *slog.Logger
}

// Keeper keeps personal data as long as the policy says, and then deletes it. It is safe for concurrent use.
type Keeper struct {
	*intake.Service
	out    *outbox.Outbox
	store  Archive
	update intake.Update[Tx]
	log    *slog.Logger

	mu     sync.Mutex
	purged time.Time // the latest night whose purge is done
	walk   walk      // how far that of the latest night has come
}

// New returns a Keeper.
func New(c Config) *Keeper {
	return &Keeper{Service: c.Service, out: c.Outbox, store: c.Store, update: c.Update, log: c.Log}
}
