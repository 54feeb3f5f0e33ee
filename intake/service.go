package intake

import (
	"context"
	"strconv"
	"time"
)

// Update runs do in one transaction, which commits if do returns nil and no statement in it failed. T is what
// a package needs of a transaction, together with the transaction's moment.
//
// ErrNotFound, ErrStale and ErrSpent are answers: nothing was changed, and the transaction goes on. Any other
// error from a method of T means that a statement failed, and ends the transaction: from then on every method
// returns that error, and so does Update, whatever do returns: it is an ErrDatabase. The one exception is a statement
// that cannot be run because of its values, such as a duplicate key: the Savepoint around it undoes what was done
// inside and returns an ErrUnstorable, and the transaction goes on.
type Update[T any] func(ctx context.Context, do func(T) error) error

// Service is the configured service and the people it serves.
type Service struct {
	Policy    *Policy
	Holidays  Holidays // in addition to weekends
	Sites     *Register
	Reviewers Reviewers
	Mailboxes map[string]Mailbox // watched, by name
	Address   string             // the service's own, canonical
	Operator  string             // gets alerts
	Auditor   string             // gets the audit's checkpoints; empty for nobody
	Owner     string             // gets the numbers of each month; empty for nobody
	Instance  string             // marks our own mail, in the X-Mfabot field
	Typist    string             // who typed the command that this is for, and on which machine; empty while it runs by itself
	Clock     func() time.Time
	Offset    time.Duration // by which a test has moved Clock; servers may or may not have been moved along
}

// ReadClock returns the time in UTC, in whole seconds. It is read once per transaction.
func (s *Service) ReadClock() time.Time { return s.Clock().UTC().Truncate(time.Second) }

// Nearest returns the moment that a server means, where a test has moved our clock: the server's may have been moved along.
func (s *Service) Nearest(server time.Time) time.Time {
	now, moved := s.ReadClock(), server.Add(s.Offset)
	if now.Sub(moved).Abs() < now.Sub(server).Abs() {
		return moved
	}
	return server
}

// Mailbox is a watched mailbox.
type Mailbox struct {
	Address string    // the mailbox's address; empty if it is not known
	Site    string    // ODS code of the site whose own mailbox it is; empty for none
	Since   time.Time // what came into it before is left alone; zero: what came before the day of the first start
}

// SitesCanWrite reports whether people at a site can write to a watched mailbox, by IMAP, whatever they like:
// it is a site's own, or has the address of one. No decision is taken there, since what proves its author may
// be theirs.
func (s *Service) SitesCanWrite(mailbox string) bool {
	box := s.Mailboxes[mailbox]
	_, address := s.Sites.Now().ByMailbox(box.Address)
	return box.Site != "" || address
}

// Registered reports whether an address belongs to a reviewer, a site or a site's contact, or is the operator's.
func (s *Service) Registered(addr string) bool {
	_, reviewer := s.Reviewers.ByAddress(addr)
	_, site := s.Sites.Now().ByMailbox(addr)
	return reviewer || site || addr == Canonical(s.Operator) || len(s.Sites.Now().OfContact(addr)) > 0
}

// IsOurs reports whether mail to an address reaches us: it is the service's own or a watched mailbox's, with
// or without a detail after a plus sign.
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

// Moment formats a time for people, in the policy's time zone, which it names.
func (s *Service) Moment(t time.Time) string {
	return t.In(s.Policy.Zone).Format("2 January 2006, 15:04 MST")
}

// WorkingDays returns the calendar that reminders follow.
func (s *Service) WorkingDays() WorkingDays {
	return WorkingDays{Zone: s.Policy.Zone, Holidays: s.Holidays}
}

// Mark names a number that is remembered from one start to the next.
type Mark string

// The marks that there is one of.
const (
	MarkSites  Mark = "sites"  // how many sites the register had that was used last
	MarkWorked Mark = "worked" // when the bot was at work last, by its clock, in Unix seconds
	MarkLeapt  Mark = "leapt"  // since when the clock is not trusted, by itself, in Unix seconds; 0 while it is
)

// MarkSite is the digest of a site of that register, one of those in its sample; 0 for none.
func MarkSite(i int) Mark { return Mark(MarkSiteBegins + strconv.Itoa(i)) }

// MarkSiteBegins is what the names of those marks begin with.
const MarkSiteBegins = "site "

// MarkTold is what the time in a server's greeting was worth when the clock was last trusted: 1 if it was right, 2 if not.
func MarkTold(server string) Mark { return Mark("told " + server) }

// MarkAlone is until when a mailbox's server has asked to be left alone, in Unix seconds; 0 if it has not.
func MarkAlone(mailbox string) Mark { return Mark("alone " + mailbox) }

// MarkBegan is when a mailbox was first looked at, in Unix seconds.
func MarkBegan(mailbox string) Mark { return Mark("began " + mailbox) }

// The values of MarkWelsh. What a site has asked for stays, in whatever language it writes.
const (
	WroteEnglish int64 = iota
	WroteWelsh
	AskedEnglish
	AskedWelsh
)

// MarkWelsh is in which language a site last wrote, or asked for letters.
func MarkWelsh(siteCode string) Mark { return Mark("welsh " + siteCode) }

// MarkLeft is of how many messages, left in a mailbox as they are too old, the operator was told.
func MarkLeft(mailbox string) Mark { return Mark("left " + mailbox) }

// Figure is how many things there are of a kind now, and since when the oldest of them is.
type Figure struct {
	What, Of string
	N        int64
	Oldest   time.Time // zero where there is none, and where that says nothing
}
