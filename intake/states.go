package intake

import (
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

// Next returns the state that follows, or ErrNotNow.
func Next(from State, on Event) (State, error) {
	for _, t := range Transitions() {
		if t.From == from && t.On == on {
			return t.To, nil
		}
	}
	return "", fmt.Errorf("%s: %w", on, ErrNotNow)
}
