package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Request asks for a long-term exception: one subject, one reason, its
// evidence, its state.
type Request struct {
	Ref           string
	State         State
	Version       int64 // raised by every change; guards against lost updates
	Subject       Person
	SiteCode      string // ODS code
	SiteAddress   string // gets the letters meant for the site
	Reason        string // a policy id; empty when unclear
	Justification string
	AuthMethod    string   // registered: yes, no, unknown
	RequestedBy   string   // the mailbox that asked
	Senders       []string // everybody else who wrote for it, where known
	ReceivedAt    time.Time
	WaitingSince  time.Time // in this state, for whoever must act next
	LapsesAt      time.Time // unless somebody answers; zero for never
	Renews        string    // the exception it would renew; empty for none
	Digest        string    // of what reviewers decide on; a token holds for one digest
	InboundID     int64     // the message that began it
	PurgedAt      time.Time // when its personal data was deleted; zero while it is kept
	Evidence      []Evidence
}

// Evidence is an attachment of a stored message, as it was read.
type Evidence struct {
	InboundID    int64
	Part         string // position in the message
	Filename     string
	MediaType    string
	DeclaredType string
	Size         int64 // bytes
	SHA256       string
	Counts       bool
	Why          string // it counts or does not, in words to act on
	Purged       bool   // the file is not kept any more
}

// Counting returns the evidence that counts, as far as it is kept.
func (r *Request) Counting() []Evidence {
	return slices.DeleteFunc(slices.Clone(r.Evidence), func(e Evidence) bool { return !e.Counts || e.Purged })
}

// hasFile reports whether a file with this digest counts as its evidence.
func (r *Request) hasFile(sha256 string) bool {
	return slices.ContainsFunc(r.Evidence, func(e Evidence) bool { return e.Counts && e.SHA256 == sha256 })
}

// wrote adds to those who wrote for the request, and reports whether somebody
// was new.
func (r *Request) wrote(addrs ...string) bool {
	known := len(r.Senders)
	for _, addr := range addrs {
		if addr != "" && addr != r.RequestedBy && !slices.Contains(r.Senders, addr) {
			r.Senders = append(r.Senders, addr)
		}
	}
	return len(r.Senders) > known
}

// missing names what a request lacks before reviewers can see it, evidence aside.
func (r *Request) missing() []string {
	var m []string
	if r.Subject.Email == "" {
		m = append(m, "user")
	}
	if r.Reason == "" {
		m = append(m, "reason")
	}
	return m
}

// digest covers all that a reviewer decides on.
func (r *Request) digest() string {
	lines := []string{r.Ref, r.Subject.Email, r.Reason, r.Justification}
	for _, e := range r.Counting() {
		lines = append(lines, e.SHA256)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\x00")))
	return hex.EncodeToString(sum[:])
}

// changes names what reviewers decide on and is not as it was: user, reason,
// details, evidence.
func (r *Request) changes(was *Request) []string {
	var out []string
	for _, c := range []struct {
		what    string
		changed bool
	}{
		{"user", r.Subject.Email != was.Subject.Email},
		{"reason", r.Reason != was.Reason},
		{"details", r.Justification != was.Justification},
		{"evidence", !slices.Equal(r.Counting(), was.Counting())},
	} {
		if c.changed {
			out = append(out, c.what)
		}
	}
	return out
}

// Exception is a granted period in which a user is not asked for MFA.
type Exception struct {
	Ref          string
	Category     Category
	State        ExceptionState
	Subject      Person
	SiteCode     string // empty for a grant without a site
	SiteAddress  string // gets the letters meant for the site
	Reason       string
	Note         string
	GrantedBy    string
	StartsAt     time.Time
	EndsAt       time.Time
	NextNoticeAt time.Time // the next warning, or the end
	ClosedAt     time.Time // when it ended, was revoked or superseded; zero while active
	PurgedAt     time.Time // when its personal data was deleted; zero while it is kept
}

// StateAt is the state at a moment. An exception whose time is over is not
// active, whether or not its end has been dealt with.
func (e *Exception) StateAt(now time.Time) ExceptionState {
	if e.State == Active && !now.Before(e.EndsAt) {
		return HasEnded
	}
	return e.State
}

// nextNotice is when to look at an exception again after now: at the next
// warning that is still ahead, or at the end.
func nextNotice(ends, now time.Time, warnings []time.Duration) time.Time {
	for _, w := range warnings {
		if at := ends.Add(-w); at.After(now) {
			return at
		}
	}
	return ends
}

// ReviewPurpose is what a token lets its reviewer do.
type ReviewPurpose string

// The purposes.
const (
	ToDecide ReviewPurpose = "decide"
	ToRevoke ReviewPurpose = "revoke"
)

// ReviewRecord is one token, for one reviewer and one state of a request, and
// what came of it.
type ReviewRecord struct {
	ID        int64
	Ref       string
	Reviewer  string // the registered address
	Purpose   ReviewPurpose
	Seed      string // of which its code is made; empty in old records
	TokenHash string
	Digest    string
	CreatedAt time.Time
	VoidAt    time.Time // when it lost its force; zero while it holds
	Decision  Event     // what was decided with it; empty for nothing
	Text      string
	DecidedAt time.Time
}

// HistoryEntry is one entry of the audit.
type HistoryEntry struct {
	Ref   string
	At    time.Time
	Event string
	By    string
	Text  string
}
