package intake

import (
	"context"
	"errors"
	"time"
)

// Directory applies exceptions where MFA is enforced. Each method may be called
// again: what is so already is no error. An error tells by Temporary() bool whether
// a later attempt may succeed, and may tell by RetryAfter() time.Duration when.
type Directory interface {
	// Apply exempts a user from MFA, and returns the ID of the member that they are, or
	// "" where it cannot say. ErrNoAccount where the directory does not know them.
	Apply(ctx context.Context, user string) (id string, err error)
	// Remove ends the exemption of a user whose ID is not known. That they are
	// unknown, or not exempt, is no error.
	Remove(ctx context.Context, user string) error
	// Account says what the directory knows of a user.
	Account(ctx context.Context, user string) (Account, error)
	// Members lists who is exempt.
	Members(ctx context.Context) ([]Member, error)
	// Expel takes out a member by its ID, as Apply or Members gave it. That it is gone
	// is no error.
	Expel(ctx context.Context, id string) error
}

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

// isTemporary reports whether a later attempt may succeed; an error that does not
// say is taken for one of the surroundings.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	if errors.As(err, &t) {
		return t.Temporary()
	}
	return !errors.Is(err, ErrNoAccount)
}

// retryAfter is how long a directory wants to be left alone; 0 where it does not say.
func retryAfter(err error) time.Duration {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) {
		return r.RetryAfter()
	}
	return 0
}
