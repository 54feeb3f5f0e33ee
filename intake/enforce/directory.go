package enforce

import (
	"context"

	"mfabot/intake"
)

// Directory is where MFA is enforced. Its methods can be called again: it is not an error if there is nothing
// to change. An error's Temporary() bool reports whether a later attempt may succeed, and its RetryAfter()
// time.Duration, if it has one, when.
type Directory interface {
	// Apply exempts a user from MFA, and returns their ID as a member; "" if it cannot tell. ErrNoAccount if
	// the directory does not know the user.
	Apply(ctx context.Context, user string) (id string, err error)
	// Remove ends the exemption of a user whose ID is not known. It is not an error if the user is unknown or
	// not exempt.
	Remove(ctx context.Context, user string) error
	// Account returns what the directory knows of a user.
	Account(ctx context.Context, user string) (intake.Account, error)
	// Groups returns the names of all groups that a user is in; none if the directory does not know the user.
	Groups(ctx context.Context, user string) ([]string, error)
	// Members lists who is exempt.
	Members(ctx context.Context) ([]intake.Member, error)
	// Expel ends the exemption of the member with an ID from Apply or Members. It is not an error if there is
	// no such member.
	Expel(ctx context.Context, id string) error
}
