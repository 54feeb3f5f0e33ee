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

// Notices says when the notices of the exceptions of a category go out: the warnings before the end, and the end.
type Notices struct {
	Warnings []time.Duration // before the end, longest first
	Opens    time.Duration   // since midnight: when people begin to work
	Days     WorkingDays
}

// Notices returns when the notices of a category go out.
func (p *Policy) Notices(c Category, h Holidays) Notices {
	return Notices{Warnings: p.Term(c).Warnings, Opens: p.Review.DigestAt, Days: WorkingDays{Zone: p.Zone, Holidays: h}}
}

// closes is when people stop working, since midnight; where they begin later than that, they do an hour after it.
const closes = 18 * time.Hour

// byDay reports whether people who have worked that day may still be at work.
func (n Notices) byDay(t time.Time) bool {
	clock := n.Days.clock(t)
	return clock >= n.Opens && clock < max(closes, n.Opens+time.Hour)
}

// warning returns when one of the warnings goes out. One that would come at night or on a day without work comes on the
// morning of the working day before, so that nobody is warned later than the policy says. The last is never moved.
func (n Notices) warning(ends time.Time, i int) time.Time {
	at := ends.Add(-n.Warnings[i])
	if i == len(n.Warnings)-1 || n.Days.Has(at) && n.byDay(at) {
		return at
	}
	return n.Days.morning(at, n.Opens)
}

// Next returns when an exception needs a notice after a moment: the first warning still ahead, or its end.
func (n Notices) Next(ends, after time.Time) time.Time {
	for i := range n.Warnings {
		if at := n.warning(ends, i); at.After(after) {
			return at
		}
	}
	return ends
}

// Stage returns how many of the warnings have had their moment by then. A moment that a warning is moved to may have several.
func (n Notices) Stage(ends, by time.Time) int {
	i := 0
	for i < len(n.Warnings) && !n.warning(ends, i).After(by) {
		i++
	}
	return i
}

// When returns when a notice goes out that is due: at once, or in the morning where it is late and it is night by then. By
// that time another may have become due, which takes its place. The last warning and the end wait for nothing.
func (n Notices) When(ends, due time.Time) time.Time {
	if n.Stage(ends, due) == len(n.Warnings) || n.byDay(due) {
		return due
	}
	morning := n.Days.opening(due, n.Opens)
	if next := n.Next(ends, due); next.Before(morning) {
		return next
	}
	return morning
}

// Moved returns when a notice goes out that was set for a moment by other hours or holidays than there are now.
func (n Notices) Moved(ends, set, now time.Time) time.Time {
	if i := n.Stage(ends, set); i > 0 && set.Before(ends) {
		if at := n.warning(ends, i-1); at.After(now) {
			return at
		}
	}
	return n.When(ends, set)
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
