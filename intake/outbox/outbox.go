// Package outbox writes letters into the queue of outbound messages, as part of the caller's transaction. It
// makes their Message-IDs and review codes, keeps the daily caps on answers, alerts the operator, and finds
// another recipient for a letter that an address refuses. Sending what is queued is not its business.
package outbox

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"mfabot/intake"
)

// Work is a transaction and the moment it happens at, as anything that writes letters needs it.
type Work struct {
	Letters
	Allowances
	Codes
	Audit
	Undelivered
	Todos
	Languages
	Now  time.Time
	Mute *Mute // nil: everybody is told
}

// Audit is the record of everything that happens, to which entries are only ever added.
type Audit interface {
	// Record appends an entry.
	Record(ctx context.Context, e intake.HistoryEntry) error
	// History returns the entries of one reference, oldest first.
	History(ctx context.Context, ref string) ([]intake.HistoryEntry, error)
}

// Config is what New needs.
type Config struct {
	*intake.Service
	Key    []byte    // makes the review codes; at least KeySize bytes, kept apart from the database
	Random io.Reader // crypto/rand if nil
	Update intake.Update[Work]
}

// Outbox writes letters into the queue. It is safe for concurrent use.
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
