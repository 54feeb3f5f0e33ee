package intake

import (
	"errors"
	"fmt"
)

// State is how far a request has come.
type State string

// The states of a request.
const (
	Received     State = "received" // being read; never stored
	IsIncomplete State = "incomplete"
	Pending      State = "pending"
	NeedsInfo    State = "needs-info"
	IsApproved   State = "approved"
	IsRejected   State = "rejected"
	IsWithdrawn  State = "withdrawn"
	IsLapsed     State = "lapsed"
)

// Event is what happens to a request.
type Event string

// The events of a request.
const (
	Complete   Event = "complete"    // subject, reason and evidence are there
	Unclear    Event = "unclear"     // something cannot be read out of it
	NoEvidence Event = "no-evidence" // the policy demands some
	Resubmit   Event = "resubmit"    // evidence came after a rejection
	AddMore    Event = "add"         // evidence came while reviewers decide
	Approval   Event = "approval"    // one of several that are needed
	Approve    Event = "approve"
	Reject     Event = "reject"
	Ask        Event = "ask"
	Answer     Event = "answer"
	Withdraw   Event = "withdraw"
	Lapse      Event = "lapse"
)

// Transition is one row of the table of states.
type Transition struct {
	From State
	On   Event
	To   State
}

// Transitions returns the table of a request's states: what is not in it cannot
// happen. The store guards each change by the state that it starts from.
func Transitions() []Transition {
	return []Transition{
		{Received, Complete, Pending},
		{Received, Unclear, IsIncomplete},
		{Received, NoEvidence, IsRejected},

		{IsIncomplete, Complete, Pending},
		{IsIncomplete, Unclear, IsIncomplete},
		{IsIncomplete, NoEvidence, IsRejected},
		{IsIncomplete, Withdraw, IsWithdrawn},
		{IsIncomplete, Lapse, IsLapsed},

		{Pending, AddMore, Pending},
		{Pending, Approval, Pending},
		{Pending, Approve, IsApproved},
		{Pending, Reject, IsRejected},
		{Pending, Ask, NeedsInfo},
		{Pending, Withdraw, IsWithdrawn},
		{Pending, Lapse, IsLapsed},

		{NeedsInfo, Answer, Pending},
		{NeedsInfo, Withdraw, IsWithdrawn},
		{NeedsInfo, Lapse, IsLapsed},

		{IsRejected, Resubmit, Pending},
	}
}

// ErrNotNow says that an event does not fit the state: somebody else was faster,
// or the time for it is over.
var ErrNotNow = errors.New("that cannot be done in this state")

// Next returns the state that follows, or ErrNotNow.
func Next(from State, on Event) (State, error) {
	for _, t := range Transitions() {
		if t.From == from && t.On == on {
			return t.To, nil
		}
	}
	return "", fmt.Errorf("%s: %w", on, ErrNotNow)
}

// ExceptionState is how far an exception has come.
type ExceptionState string

// The states of an exception. It begins active, and each of the others is final.
const (
	Active        ExceptionState = "active"
	HasEnded      ExceptionState = "ended"
	WasRevoked    ExceptionState = "revoked"
	WasSuperseded ExceptionState = "superseded" // by a renewal
)
