package intake

import "time"

// Exception is a granted period in which a user is not asked for MFA.
type Exception struct {
	Ref          string
	Category     Category
	State        ExceptionState
	User         User
	SiteCode     string // empty for a grant without a site
	SiteAddress  string // where the site's letters go
	Reason       string
	Note         string
	GrantedBy    string
	StartsAt     time.Time
	EndsAt       time.Time
	NextNoticeAt time.Time // the next warning, or the end
	SupersededBy string    // the exception that took its place; empty for none
	ClosedAt     time.Time // when it ended, was revoked or superseded; zero while active
	PurgedAt     time.Time // when its personal data was deleted; zero while it is kept
}

// StateAt returns the state at now. An exception whose time is over is never active, whether or not its end
// has been processed.
func (e *Exception) StateAt(now time.Time) ExceptionState {
	if e.State == Active && !now.Before(e.EndsAt) {
		return Ended
	}
	return e.State
}

// NextNotice returns when an exception next needs a notice after now: the first warning still ahead, or its
// end. warnings are the times before the end, longest first.
func NextNotice(ends, now time.Time, warnings []time.Duration) time.Time {
	for _, w := range warnings {
		if at := ends.Add(-w); at.After(now) {
			return at
		}
	}
	return ends
}

// ExceptionState is how far an exception has got.
type ExceptionState string

// The states of an exception. It starts active; the others are final.
const (
	Active     ExceptionState = "active"
	Ended      ExceptionState = "ended"
	Revoked    ExceptionState = "revoked"
	Superseded ExceptionState = "superseded" // by a newer one of its user
)
