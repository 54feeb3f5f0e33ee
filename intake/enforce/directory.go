package enforce

import (
	"context"

	"mfabot/intake"
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
	Account(ctx context.Context, user string) (intake.Account, error)
	// Members lists who is exempt.
	Members(ctx context.Context) ([]intake.Member, error)
	// Expel takes out a member by its ID, as Apply or Members gave it. That it is gone
	// is no error.
	Expel(ctx context.Context, id string) error
}
