package enforce

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"mfabot/intake"
)

// WithDirectory completes a letter about to be sent with what the directory says: whether the change that the
// letter announces has been made (WithChange), and, for reviewers, what is known of the user. If the directory
// cannot be asked, the letter says so, and it is not an error.
func (f *Enforcer) WithDirectory(ctx context.Context, o intake.Outbound) (intake.Outbound, error) {
	if f.directory == nil {
		return WithChange(ctx, f, o)
	}
	// Other letters say nothing of a user in the directory.
	//exhaustive:ignore
	switch o.Template {
	case intake.LetterReview, intake.LetterReminder:
		f.tell(ctx, o.Facts.User.Email, &o.Facts.DirectoryFacts)
	case intake.LetterReviews, intake.LetterReminders:
		o.Facts.Undecided = slices.Clone(o.Facts.Undecided)
		for i := range o.Facts.Undecided {
			u := &o.Facts.Undecided[i]
			f.tell(ctx, u.User.Email, &u.Directory)
		}
	}
	return WithChange(ctx, f, o)
}

// WithChange completes a letter with whether the change in the directory that it announces has been made, which is on
// record: nobody is asked. If there is no directory, the letter says that the change is made by hand.
func WithChange(ctx context.Context, f *Enforcer, o intake.Outbound) (intake.Outbound, error) {
	// Other letters say nothing of a change.
	//exhaustive:ignore
	switch o.Template {
	case intake.LetterApplied, intake.LetterGranted:
		if o.Facts.ByHand = f.directory == nil; o.Facts.ByHand || o.Template == intake.LetterApplied {
			return o, nil // who grants by telephone makes the change there and then
		}
		open, err := f.store.OpenActions(ctx, o.Ref)
		o.Facts.Waiting = len(open) > 0
		return o, err
	case intake.LetterApproved, intake.LetterEnded, intake.LetterRevoked:
		if f.directory == nil {
			asked, err := f.store.AskedActions(ctx, "", o.Facts.User.Email)
			o.Facts.ByHand = slices.ContainsFunc(asked, func(a intake.Action) bool {
				return a.Kind != intake.ToCall && (a.Kind == intake.ToApply) == (o.Template == intake.LetterApproved)
			})
			return o, err
		}
		open, err := f.store.OpenActions(ctx, cmp.Or(o.Facts.Elsewhere, o.Ref))
		o.Facts.Waiting = len(open) > 0
		return o, err
	}
	return o, nil
}

// tell adds what the directory knows of a user.
func (f *Enforcer) tell(ctx context.Context, user string, to *intake.DirectoryFacts) {
	k := f.look(ctx, user)
	to.Account, to.DirectoryName, to.Department = k.account, k.known.Name, k.known.Department
	if !signsInAs(user, k.known.SignIn) {
		to.SignIn = k.known.SignIn
	}
}

// signsInAs reports whether a name to sign in with, where one is known, is the user's address, or the part of it before
// the @.
func signsInAs(user, name string) bool {
	name, key := intake.Canonical(name), intake.UserKey(user)
	local, _, _ := strings.Cut(key, "@")
	return name == "" || name == local || name == intake.Canonical(user) || name == key
}
