package intake

import (
	"slices"
	"time"
)

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

// Over is when it ends or ended, which is said alike in every place: by its time, however much later that was put on record, or
// when it was ended early.
func (e *Exception) Over() time.Time {
	if e.State == Active || e.State == Ended || e.ClosedAt.IsZero() {
		return e.EndsAt
	}
	return e.ClosedAt
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

// ExceptionFacts is what letters say about an exception and its renewal.
type ExceptionFacts struct {
	Starts time.Time `json:"starts,omitzero"`
	Ends   time.Time `json:"ends,omitzero"`    // or the time by which a site must answer
	Runs   time.Time `json:"runs,omitzero"`    // when the user's current exception ends
	Renews string    `json:"renews,omitempty"` // the exception that a request would renew
	// Elsewhere is, to a site, the other site's exception that replaced its own and ends at Ends; to a reviewer, the
	// one in the way, or that the user has now.
	Elsewhere       string `json:"elsewhere,omitempty"`
	Former          string `json:"former,omitempty"`           // the exception of the user whose place it took
	FormerElsewhere bool   `json:"former_elsewhere,omitempty"` // it was another site's, of which this one is not told
	Renewal         string `json:"renewal,omitempty"`          // the open request that would renew an exception; Decision is its state
	Lately          int    `json:"lately,omitempty"`           // the user's recent short-term exceptions, when there are many
	LatelyDays      int    `json:"lately_days,omitempty"`      // the days that Lately covers

	// RenewBy is the end of the last day on which a renewal can be asked for so that the reviewers have their time, which is
	// ReviewDays working days, before the exception ends.
	RenewBy    time.Time `json:"renew_by,omitzero"`
	ReviewDays int       `json:"review_days,omitempty"`

	Warned []WarnedFacts `json:"warned,omitempty"` // the exceptions of which a letter warns together, soonest to end first
}

// WarnedFacts is one of several exceptions of a site of which it is warned together.
type WarnedFacts struct {
	Ref      string    `json:"ref"`
	User     User      `json:"subject"`
	Ends     time.Time `json:"ends"`
	RenewBy  time.Time `json:"renew_by,omitzero"`
	Renewal  string    `json:"renewal,omitempty"`  // the open request that would renew it
	Decision string    `json:"decision,omitempty"` // its state
	Over     bool      `json:"over,omitempty"`     // a later notice was written of it before the letter was sent, which leaves it out
	Code     string    `json:"code,omitempty"`     // says which of them an answer is about, and gives no authority
}

// Warns returns the exceptions of which a letter still warns together.
func (f ExceptionFacts) Warns() []WarnedFacts {
	return slices.DeleteFunc(slices.Clone(f.Warned), func(w WarnedFacts) bool { return w.Over })
}

// FactsOfException returns the facts of an exception.
func (s *Service) FactsOfException(e *Exception) Facts {
	f := Facts{User: e.User, Site: s.FactsOfSite(e.SiteCode), Reason: s.FactsOfReason(e.Category, e.Reason),
		ExceptionFacts: ExceptionFacts{Starts: e.StartsAt, Ends: e.EndsAt}}
	f.Site.Mailbox = e.SiteAddress
	return f
}
