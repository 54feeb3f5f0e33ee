package enforce

import (
	"cmp"
	"context"
	"slices"

	"mfabot/intake"
)

// WithDirectory completes a letter about to be sent with what the directory says: whether the change that the
// letter announces has been made, and, for reviewers, what is known of the user. If the directory cannot be
// asked, the letter says so, and it is not an error. If there is no directory, the letter says that the
// change is made by hand.
func (f *Enforcer) WithDirectory(ctx context.Context, o intake.Outbound) (intake.Outbound, error) {
	// Other letters say nothing of the directory.
	//exhaustive:ignore
	switch o.Template {
	case intake.LetterApproved, intake.LetterGranted, intake.LetterEnded, intake.LetterRevoked:
		if f.directory == nil {
			// With an exception that runs already, there is nothing to change.
			o.Facts.ByHand = o.Template != intake.LetterApproved || o.Facts.Runs.IsZero()
			return o, nil
		}
		open, err := f.store.OpenActions(ctx, cmp.Or(o.Facts.Elsewhere, o.Ref))
		o.Facts.Waiting = len(open) > 0
		return o, err
	case intake.LetterReview, intake.LetterReminder:
		if f.directory == nil {
			return o, nil
		}
		k := f.look(ctx, o.Facts.User.Email)
		o.Facts.Account, o.Facts.DirectoryName, o.Facts.Department = k.account, k.known.Name, k.known.Department
	case intake.LetterReviews, intake.LetterReminders:
		o.Facts.Undecided = slices.Clone(o.Facts.Undecided)
		for i := range o.Facts.Undecided {
			u := &o.Facts.Undecided[i]
			k := f.look(ctx, u.User.Email)
			u.Directory.Account, u.Directory.DirectoryName, u.Directory.Department = k.account, k.known.Name, k.known.Department
		}
	}
	return o, nil
}
