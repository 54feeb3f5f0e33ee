// Package enforce brings the directory, where MFA is enforced, into line with the exceptions: it carries out
// the queued actions until the directory takes them, compares the two daily, and asks the directory about
// users for the letters that say something of them.
package enforce

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
	Actions
}

// Config is what New needs. All but Directory is required.
type Config struct {
	*intake.Service
	Outbox    *outbox.Outbox
	Directory Directory // where MFA is enforced; if nil, the operator is asked to do it by hand
	Store     Enforced
	Update    intake.Update[Tx]
	Log       *slog.Logger
}

// Enforcer brings the directory into line with the exceptions. It is safe for concurrent use.
type Enforcer struct {
	*intake.Service
	*groups
	out       *outbox.Outbox
	directory *byUser // nil for none
	store     Enforced
	update    intake.Update[Tx]
	log       *slog.Logger

	silence    *silence // no account is looked up in it
	mu         sync.Mutex
	accounts   map[string]lookup // recent look-ups, by address
	compareAt  time.Time         // the directory is not compared before this
	comparedOn string            // the day on which it was last compared

	unrecorded unrecorded
	lapsed     map[string]bool // the exceptions that EndLapsed has ended, by reference; it alone uses it
}

// New returns an Enforcer.
func New(c Config) *Enforcer {
	var directory *byUser
	if c.Directory != nil {
		directory = &byUser{c.Directory}
	}
	quiet := new(silence)
	return &Enforcer{
		groups: &groups{service: c.Service, directory: directory, silence: quiet, known: make(map[string]membership),
			unanswered: make(map[string]unanswered)},
		silence: quiet,
		Service: c.Service, out: c.Outbox, directory: directory, store: c.Store, update: c.Update, log: c.Log,
		accounts: make(map[string]lookup), unrecorded: unrecorded{tried: make(map[string]attempt)},
		lapsed: make(map[string]bool),
	}
}
