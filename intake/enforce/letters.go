package enforce

import (
	"context"

	"mfabot/intake"
)

// WithDirectory completes a letter that goes out now with what the directory says:
// whether it has made the change that the letter tells of, and, for reviewers, what
// it knows of the user. That it cannot be asked is said as well, and no error; and
// so is that there is none, where a person makes the change.
func (f *Enforcer) WithDirectory(ctx context.Context, o intake.Outbound) (intake.Outbound, error) {
	switch o.Template {
	case intake.LetterApproved, intake.LetterGranted, intake.LetterEnded, intake.LetterRevoked:
		if f.directory == nil {
			o.Facts.ByHand = o.Template != intake.LetterApproved || o.Facts.Runs.IsZero() // else nothing is to change
			return o, nil
		}
		open, err := f.store.OpenActions(ctx, o.Ref)
		o.Facts.Waiting = len(open) > 0
		return o, err
	case intake.LetterReview, intake.LetterReminder:
		if f.directory == nil {
			return o, nil
		}
		o.Facts.Account = f.AccountOf(ctx, o.Facts.User.Email)
	}
	return o, nil
}
