package sim

import (
	"context"
	"errors"
	"slices"

	"mfabot/intake"
)

// Directory is where MFA is enforced. It knows every user.
type Directory struct {
	world  *World
	exempt []string // addresses, which are also the members' IDs

	Meddled map[string]bool // users whom people have exempted or removed by hand
}

// refusal is an error that no retry will fix.
type refusal struct{ error }

// Temporary returns false.
func (refusal) Temporary() bool { return false }

// Apply exempts a user.
func (d *Directory) Apply(_ context.Context, user string) (string, error) {
	return user, d.change("exempts "+user, func() {
		if !slices.Contains(d.exempt, user) {
			d.exempt = append(d.exempt, user)
		}
	})
}

// Remove ends a user's exemption.
func (d *Directory) Remove(_ context.Context, user string) error {
	return d.change("no longer exempts "+user, func() { d.drop(user) })
}

// Expel removes a member.
func (d *Directory) Expel(ctx context.Context, id string) error { return d.Remove(ctx, id) }

// change makes a change, unless something goes wrong first.
func (d *Directory) change(what string, do func()) error {
	fault := d.world.Faults.Choose(DirectoryUnreachable, DirectoryRefuses, DirectoryLost, CrashDirectoryBefore, CrashDirectoryAfter)
	if fault == CrashDirectoryBefore {
		d.world.Crash()
	}
	switch {
	case d.world.dead:
		return errDead
	case fault == DirectoryUnreachable:
		return errors.New("the directory is unreachable")
	case fault == DirectoryRefuses:
		return refusal{errors.New("the directory refuses")}
	}
	do()
	d.world.Trace.Note("   the directory %s", what)
	if fault == CrashDirectoryAfter {
		d.world.Crash()
		return errDead
	}
	if fault == DirectoryLost {
		return errors.New("no answer from the directory")
	}
	return nil
}

// Account returns the account of a user who may sign in.
func (d *Directory) Account(context.Context, string) (intake.Account, error) {
	if d.world.dead || d.world.Faults.Strikes(DirectoryUnreachable) {
		return intake.Account{}, errors.New("the directory is unreachable")
	}
	return intake.Account{Exists: true, Enabled: true, Methods: intake.Yes}, nil
}

// Names returns the one address that a user has.
func (d *Directory) Names(_ context.Context, user string) ([]string, error) {
	return []string{user}, nil
}

// Groups returns no groups.
func (d *Directory) Groups(context.Context, string) ([]string, error) { return nil, nil }

// Members returns everybody who is exempt.
func (d *Directory) Members(context.Context) ([]intake.Member, error) {
	if d.world.dead || d.world.Faults.Strikes(DirectoryUnreachable) {
		return nil, errors.New("the directory is unreachable")
	}
	var all []intake.Member
	for _, user := range d.exempt {
		all = append(all, intake.Member{ID: user, Addresses: []string{user}})
	}
	return all, nil
}

// Exempt returns everybody who is exempt, sorted.
func (d *Directory) Exempt() []string { return slices.Sorted(slices.Values(d.exempt)) }

// Drift may have a person change by hand who is exempt.
func (d *Directory) Drift(stranger string) {
	switch {
	case d.world.Faults.Strikes(PersonExempted):
		d.exempt = append(d.exempt, stranger)
		d.Meddled[stranger] = true
	case len(d.exempt) > 0 && d.world.Faults.Strikes(PersonUnexempted):
		d.Meddled[d.exempt[0]] = true
		d.drop(d.exempt[0])
	}
}

func (d *Directory) drop(user string) {
	d.exempt = slices.DeleteFunc(d.exempt, func(other string) bool { return other == user })
}
