package intake

import (
	"context"
	"time"
)

// Update runs do in one transaction, which commits when do returns nil. T is what a
// package needs of a transaction, at the transaction's moment.
type Update[T any] func(ctx context.Context, do func(T) error) error

// Service is the service as it is configured, and those it serves.
type Service struct {
	Policy    *Policy
	Holidays  Holidays // besides weekends
	Sites     *Register
	Reviewers Reviewers
	Mailboxes map[string]Mailbox // that are watched, by name
	Address   string             // the service's own
	Operator  string             // gets alerts
	Auditor   string             // gets the checkpoints of the audit; empty for nobody
	Instance  string             // marks our own mail, as X-Mfabot
	Clock     func() time.Time
}

// Now is the time in UTC, in whole seconds.
func (s *Service) Now() time.Time { return s.Clock().UTC().Truncate(time.Second) }

// Mailbox is a watched mailbox.
type Mailbox struct {
	Address string // of the mailbox, where it is one
	Site    string // an ODS code, where the mailbox is one site's own
}
