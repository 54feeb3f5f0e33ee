package intake

import (
	"time"
)

// Action is a change that the directory is to make: an exception is applied when it
// starts, and removed when it ends.
type Action struct {
	ID        int64
	Ref       string // the exception
	User      string // an address
	Member    string // the directory's ID of the user; empty until it was applied, or where it gave none
	Kind      ActionKind
	Attempts  int // that were begun
	CreatedAt time.Time
	DueAt     time.Time // not before
	AlertedAt time.Time // when the operator was last told that it fails; zero for never
	LastError string    // of the last attempt
}

// ActionKind is what is to be done.
type ActionKind string

// The kinds of actions.
const (
	ToApply  ActionKind = "apply"
	ToRemove ActionKind = "remove"
)

// ActionState is how far an action has come.
type ActionState string

// The states of an action.
const (
	ActionOpen ActionState = "open"
	ActionDone ActionState = "done"
	ActionVoid ActionState = "void" // overtaken: something else is wanted for its user now
)
