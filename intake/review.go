package intake

import "time"

// ReviewPurpose is what a code lets its reviewer do.
type ReviewPurpose string

// The purposes.
const (
	ToDecide ReviewPurpose = "decide"
	ToRevoke ReviewPurpose = "revoke"
	// ToConfirm is to give an answer again, which did not prove that it was meant for us.
	ToConfirm ReviewPurpose = "confirm"
)

// Review is one code, for one reviewer and one version of a request, and what was decided with it.
type Review struct {
	ID        int64
	Ref       string
	Reviewer  string // the registered address
	Purpose   ReviewPurpose
	Seed      string // from which the code is derived; empty in old records
	CodeHash  string
	Together  string // the hash of the code that decides it together with others; empty for none
	Digest    string
	CreatedAt time.Time
	VoidAt    time.Time // when the code became void; zero while it is valid
	Decision  Event     // empty while undecided
	Text      string
	DecidedAt time.Time
}

// Confirms reports whether a code confirms what was written with another.
func (r *Review) Confirms(other *Review) bool {
	return r.Purpose == ToConfirm && r.VoidAt.IsZero() && r.Ref == other.Ref && r.Reviewer == other.Reviewer
}

// Reminded is how far the reminders about a request have got.
type Reminded struct {
	Ref      string
	Reviewer string    // empty for the operator
	Since    time.Time // when they were asked
	Stage    int       // the last reminder sent, from 1
	At       time.Time
}
