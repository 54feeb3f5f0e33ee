package intake

import (
	"errors"
	"time"
)

// Account is what a directory knows of a user.
type Account struct {
	Exists  bool
	Enabled bool      // may sign in
	Methods Knowledge // whether an authentication method is registered
}

// Knowledge is whether something is so, where that is known.
type Knowledge string

// What may be known.
const (
	Yes     Knowledge = "yes"
	No      Knowledge = "no"
	Unknown Knowledge = "unknown"
)

// Member is one who is exempt in the directory.
type Member struct {
	ID        string   // the directory's own
	Addresses []string // in lower case; none where it is no user
	Name      string
}

// ErrNoAccount says that the directory does not know a user.
var ErrNoAccount = errors.New("the directory knows no such user")

// String names a member for an operator.
func (m Member) String() string {
	if len(m.Addresses) > 0 {
		return m.Addresses[0]
	}
	if m.Name != "" {
		return m.Name + " (" + m.ID + ")"
	}
	return m.ID
}

// What reviewers are told of the user's account, where there is a directory.
const (
	AccountGood      = "good"
	AccountNone      = "none"      // the directory does not know the user
	AccountDisabled  = "disabled"  // the user cannot sign in
	AccountNoMethod  = "no-method" // no authentication method is registered
	AccountUnchecked = "unchecked" // the directory could not be asked
)

// ErrNotScanned says that a scanner does not check such a file, however often it
// is asked.
var ErrNotScanned = errors.New("not checked for viruses")

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
