package intake

import (
	"context"
	"time"
)

// Update runs do in one transaction, which commits when do returns nil and every statement in it could be run.
// T is what a package needs of a transaction, at the transaction's moment.
//
// ErrNotFound, ErrStale and ErrSpent are answers: nothing was changed, and the transaction goes on. Any other
// error of a method of T is of a statement that could not be run, and ends the transaction: every method
// returns that error from then on, and so does Update, whatever do returns. Only where the statement broke a
// constraint, for instance by giving a key twice, does the Savepoint around it undo what was done in it and let
// the transaction go on.
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

// ReadClock is the time in UTC, in whole seconds: once in each transaction.
func (s *Service) ReadClock() time.Time { return s.Clock().UTC().Truncate(time.Second) }

// Mailbox is a watched mailbox.
type Mailbox struct {
	Address string // of the mailbox, where it is one
	Site    string // an ODS code, where the mailbox is one site's own
}

// Registered reports whether an address is a reviewer's or a site's.
func (s *Service) Registered(addr string) bool {
	_, reviewer := s.Reviewers.ByAddress(addr)
	_, site := s.Sites.Now().ByMailbox(addr)
	return reviewer || site || len(s.Sites.Now().OfContact(addr)) > 0
}

// IsOurs reports whether mail to an address comes to us: the service's own or a
// watched mailbox's, with or without what follows a plus sign.
func (s *Service) IsOurs(addr string) bool {
	addr = withoutDetail(addr)
	if addr == withoutDetail(s.Address) {
		return true
	}
	for _, m := range s.Mailboxes {
		if m.Address != "" && addr == withoutDetail(m.Address) {
			return true
		}
	}
	return false
}

// Moment shows a time to an operator.
func (s *Service) Moment(t time.Time) string {
	return t.In(s.Policy.Zone).Format("2 January 2006, 15:04 MST")
}

// DayOf is when a day begins, and its last second: the whole of it is granted.
func (p *Policy) DayOf(date string) (begins, ends time.Time, err error) {
	begins, err = time.ParseInLocation(time.DateOnly, date, p.Zone)
	return begins, begins.AddDate(0, 0, 1).Add(-time.Second).UTC(), err
}

func (s *Service) WorkingDays() WorkingDays {
	return WorkingDays{Zone: s.Policy.Zone, Holidays: s.Holidays}
}
