package intake

import "time"

// ReviewPurpose is what a token lets its reviewer do.
type ReviewPurpose string

// The purposes.
const (
	ToDecide ReviewPurpose = "decide"
	ToRevoke ReviewPurpose = "revoke"
)

// Review is one token, for one reviewer and one state of a request, and
// what came of it.
type Review struct {
	ID        int64
	Ref       string
	Reviewer  string // the registered address
	Purpose   ReviewPurpose
	Seed      string // of which its code is made; empty in old records
	CodeHash  string
	Digest    string
	CreatedAt time.Time
	VoidAt    time.Time // when it lost its force; zero while it holds
	Decision  Event     // what was decided with it; empty for nothing
	Text      string
	DecidedAt time.Time
}

// Reminded is how far somebody was reminded of a request.
type Reminded struct {
	Ref      string
	Reviewer string    // empty for the operator
	Since    time.Time // when they were asked
	Stage    int       // from 1
	At       time.Time
}
