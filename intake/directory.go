package intake

import (
	"errors"
	"time"
)

// Account is what a directory knows about a user.
type Account struct {
	Exists  bool
	Enabled bool      // may sign in
	Methods Knowledge // whether an authentication method is registered

	Name, Department string // as the directory has them; empty if it does not
	SignIn           string // the name to sign in with, likewise
}

// Knowledge is yes, no or unknown.
type Knowledge string

// The values of Knowledge.
const (
	Yes     Knowledge = "yes"
	No      Knowledge = "no"
	Unknown Knowledge = "unknown"
)

// Told is what a directory says of a user that bears on whether they can have an exception.
type Told struct {
	Group string   // the first of the policy's protected groups that they are in; empty for none
	Names []string // every name and address of the account, as far as the directory tells
}

// Member is somebody whom the directory exempts from MFA.
type Member struct {
	ID        string   // the directory's own
	Addresses []string // in lower case; empty when the member is not a user
	Name      string
}

// ErrNoAccount says that the directory has no such user.
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

// What reviewers are told about the user's account when a directory is connected.
const (
	AccountGood      = "good"
	AccountNone      = "none"      // the directory has no such user
	AccountDisabled  = "disabled"  // the user cannot sign in
	AccountNoMethod  = "no-method" // no authentication method is registered
	AccountUnchecked = "unchecked" // the directory could not be asked
)

// ErrNotScanned says that a scanner will never check this file, however often it is asked.
var ErrNotScanned = errors.New("not checked for viruses")

// Action is a change for the directory to make: an exception is applied when it starts, and removed when it
// ends. Where no directory is connected a person makes it by hand: then it is a to-do of the operator's.
type Action struct {
	ID        int64
	Ref       string // the exception
	User      string // an address
	Member    string // the directory's ID for the user; empty before it is applied, or if the directory gave none
	Kind      ActionKind
	State     ActionState
	Attempts  int // begun so far
	CreatedAt time.Time
	DueAt     time.Time // of the next attempt
	AlertedAt time.Time // when the operator was last told that it fails; zero if never
	LastError string    // of the last attempt
}

// OverdueAfter is how long a person has for what they were asked to do by hand.
const OverdueAfter = 24 * time.Hour

// Overdue reports whether a person should have made the change by now.
func (a *Action) Overdue(now time.Time) bool { return now.Sub(a.CreatedAt) >= OverdueAfter }

// TodoLine is one of several things that the operator is to do by hand.
type TodoLine struct {
	ID      int64      `json:"id"`
	Kind    ActionKind `json:"kind"`
	Ref     string     `json:"ref"`
	User    User       `json:"subject,omitzero"`
	Site    SiteFacts  `json:"site,omitzero"`
	Since   time.Time  `json:"since"`
	Overdue bool       `json:"overdue,omitempty"`
}

// OverByAudit is an exception that is over by the audit, though what is stored of it does not say so and nobody has told of
// its end: somebody else than mfabot has changed or removed that.
type OverByAudit struct {
	Ref   string
	Begun bool      // there was such an exception; otherwise there is only a row that somebody has written or changed
	Ends  time.Time // zero unless begun
	Users []string  // the addresses that may be the user's; none where nothing is left that says so
}

// ActionKind is what an action does.
type ActionKind string

// The kinds of action. Only a person can call: it is about an email that nobody got, and never for the directory.
const (
	ToApply  ActionKind = "apply"
	ToRemove ActionKind = "remove"
	ToCall   ActionKind = "call"
)

// ActionState is how far an action has got.
type ActionState string

// The states of an action.
const (
	ActionOpen  ActionState = "open"  // the directory is to make it
	ActionAsked ActionState = "asked" // the operator was asked to make it by hand, and has not said that it is done
	ActionDone  ActionState = "done"
	ActionVoid  ActionState = "void" // overtaken by a later change for the same user
)

// TodoFacts is what the operator is asked to do by hand.
type TodoFacts struct {
	TodoID   int64      `json:"todo_id,omitempty"`
	TodoKind ActionKind `json:"todo_kind,omitempty"`
}

// DirectoryFacts is the state of the directory when a letter goes out. It is not stored.
type DirectoryFacts struct {
	Waiting bool   `json:"-"` // it has not made the change yet
	ByHand  bool   `json:"-"` // there is no directory: a person makes the change
	Account string `json:"-"` // what it knows about the user: one of the Account constants

	DirectoryName, Department string `json:"-"` // of the user, as it has them
	SignIn                    string `json:"-"` // the name the user signs in with, where it is not their address
}
