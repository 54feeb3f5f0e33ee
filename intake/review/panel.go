// Package review takes a request from the moment it is complete to its end: it asks the reviewers, reminds
// them and their deputies, carries out what they decide, and looks after the exception that follows: its
// warnings, its end, its renewal and its revocation. Sweep does whatever the clock makes due.
package review

import (
	"log/slog"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Tx is a transaction and the moment it happens at: what this package needs of the store.
type Tx struct {
	outbox.Work
	Requests
	Corrections
	Decisions
	Exceptions
	Away
	Reminders
	Mornings
	Actions
	Days
}

// Config is what New needs. All of it is required.
type Config struct {
	*intake.Service
	Outbox    *outbox.Outbox
	Directory bool // whether exceptions are applied in a directory; if not, the operator is asked to
	Update    intake.Update[Tx]
	Log       *slog.Logger
}

// Panel runs the reviews, and carries out what comes of them. It is safe for concurrent use.
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
