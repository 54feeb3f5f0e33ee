package sim

import (
	"context"
	"errors"
	"slices"

	"mfabot/intake"
)

// Directory is where MFA is enforced. It knows everybody.
type Directory struct {
	world  *World
	exempt []string // addresses, which are the members' IDs as well

	Meddled map[string]bool // whom people have exempted, or taken out, by hand
}

// refusal is an error that no later attempt mends by itself.
type refusal struct{ error }

// Temporary is false.
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

// Expel takes out a member.
func (d *Directory) Expel(ctx context.Context, id string) error { return d.Remove(ctx, id) }

// change makes a change, unless something goes wrong before it.
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

// Account is that of a user who may sign in.
func (d *Directory) Account(context.Context, string) (intake.Account, error) {
	if d.world.dead || d.world.Faults.Strikes(DirectoryUnreachable) {
		return intake.Account{}, errors.New("the directory is unreachable")
	}
	return intake.Account{Exists: true, Enabled: true, Methods: intake.Yes}, nil
}

// Members lists who is exempt.
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

// Exempt returns who is exempt, in order.
func (d *Directory) Exempt() []string { return slices.Sorted(slices.Values(d.exempt)) }

// Drift has a person change who is exempt, by hand.
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
