package intake

import "fmt"

// State is how far a request has got.
type State string

// The states of a request.
const (
	Received   State = "received" // being read; never stored
	Incomplete State = "incomplete"
	Pending    State = "pending"
	NeedsInfo  State = "needs-info"
	Approved   State = "approved"
	Rejected   State = "rejected"
	Withdrawn  State = "withdrawn"
	Lapsed     State = "lapsed"
)

// WaitsForSite reports whether it is for the site to say more.
func (s State) WaitsForSite() bool { return s == Incomplete || s == NeedsInfo }

// Transition is one row of the table of states.
type Transition struct {
	From State
	On   Event
	To   State
}

// Transitions returns the table of a request's states: what it does not contain cannot happen. The store also
// checks that each change starts from the state that it expects.
func Transitions() []Transition {
	return []Transition{
		{Received, EventComplete, Pending},
		{Received, EventUnclear, Incomplete},
		{Received, EventNoEvidence, Rejected},

		{Incomplete, EventComplete, Pending},
		{Incomplete, EventUnclear, Incomplete},
		{Incomplete, EventNoEvidence, Rejected},
		{Incomplete, EventReject, Rejected},
		{Incomplete, EventWithdraw, Withdrawn},
		{Incomplete, EventClose, Withdrawn},
		{Incomplete, EventLapse, Lapsed},

		{Pending, EventAddMore, Pending},
		{Pending, EventCorrect, Pending},
		{Pending, EventApproval, Pending},
		{Pending, EventApprove, Approved},
		{Pending, EventReject, Rejected},
		{Pending, EventAsk, NeedsInfo},
		{Pending, EventWithdraw, Withdrawn},
		{Pending, EventClose, Withdrawn},
		{Pending, EventLapse, Lapsed},

		{NeedsInfo, EventAnswer, Pending},
		{NeedsInfo, EventCorrect, Pending},
		{NeedsInfo, EventReject, Rejected},
		{NeedsInfo, EventWithdraw, Withdrawn},
		{NeedsInfo, EventClose, Withdrawn},
		{NeedsInfo, EventLapse, Lapsed},

		{Rejected, EventResubmit, Pending},
	}
}

// Next returns the state that an event leads to, or ErrNotNow.
func Next(from State, on Event) (State, error) {
	for _, t := range Transitions() {
		if t.From == from && t.On == on {
			return t.To, nil
		}
	}
	return "", fmt.Errorf("%s: %w", on, ErrNotNow)
}
