package enforce

import (
	"context"
	"errors"

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
	// Names returns every name and address that the account of a user has, as far as the directory tells: the name to
	// sign in with, which need be no address, the user's own address and all others. None if it does not know the user.
	Names(ctx context.Context, user string) ([]string, error)
	// Groups returns the names of all groups that a user is in; none if the directory does not know the user.
	Groups(ctx context.Context, user string) ([]string, error)
	// Members lists who is exempt.
	Members(ctx context.Context) ([]intake.Member, error)
	// Expel ends the exemption of the member with an ID from Apply or Members. It is not an error if there is
	// no such member.
	Expel(ctx context.Context, id string) error
}

// byUser is a directory that finds a user without the detail of their address, where it does not know the address
// as it is written: mail for sam+anything goes to sam, and few directories know of it.
type byUser struct{ Directory }

// Apply exempts the user.
func (d byUser) Apply(ctx context.Context, user string) (id string, err error) {
	id, err = d.Directory.Apply(ctx, user)
	if key := intake.UserKey(user); key != user && errors.Is(err, intake.ErrNoAccount) {
		return d.Directory.Apply(ctx, key)
	}
	return id, err
}

// Remove ends the exemption of the user.
func (d byUser) Remove(ctx context.Context, user string) error {
	key := intake.UserKey(user)
	if key == user {
		return d.Directory.Remove(ctx, user)
	}
	a, err := d.Directory.Account(ctx, user)
	if err != nil {
		return err
	}
	if a.Exists {
		key = user
	}
	return d.Directory.Remove(ctx, key)
}

// Account returns what the directory knows of the user.
func (d byUser) Account(ctx context.Context, user string) (intake.Account, error) {
	a, err := d.Directory.Account(ctx, user)
	if key := intake.UserKey(user); key != user && err == nil && !a.Exists {
		return d.Directory.Account(ctx, key)
	}
	return a, err
}

// Names returns the names of the user, by either address.
func (d byUser) Names(ctx context.Context, user string) ([]string, error) {
	return byEither(ctx, user, d.Directory.Names)
}

// Groups returns the groups that the user is in, by either address.
func (d byUser) Groups(ctx context.Context, user string) ([]string, error) {
	return byEither(ctx, user, d.Directory.Groups)
}

// byEither asks for a user by the address as it is written, and without its detail.
func byEither(ctx context.Context, user string, ask func(context.Context, string) ([]string, error)) ([]string, error) {
	found, err := ask(ctx, user)
	if key := intake.UserKey(user); key != user && err == nil {
		var more []string
		more, err = ask(ctx, key)
		found = append(found, more...)
	}
	return found, err
}
