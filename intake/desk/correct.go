package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
)

// Correct puts right the address of a request's user, or of the exception that came of it, and returns the request
// that is for the right one from now on. Reviewers decide for it, on the same evidence. user has the right address;
// its name is left as it is if it is empty. as names the operator.
func (d *Desk) Correct(ctx context.Context, ref string, user intake.User, as string) (*intake.Request, error) {
	user.Email = intake.Canonical(user.Email)
	if !intake.IsAddress(user.Email) {
		return nil, intake.NotAnAddress(user.Email)
	}
	var req *intake.Request
	correct := func(tx Tx) error {
		words, err := d.unfit(user.Email)
		if err != nil {
			return err
		}
		if words != "" {
			return errors.New(words)
		}
		old, err := tx.Request(ctx, ref)
		if err != nil {
			return err
		}
		if old.User.Email == user.Email {
			return fmt.Errorf("%s is for %s already", ref, user.Email)
		}
		if err := vacant(ctx, tx, old, user); err != nil {
			return err
		}
		if user.Name == "" {
			user.Name = old.User.Name
		}
		state := old.State
		req, err = review.Correct(ctx, d.panel, tx.Tx, review.Correction{Request: old, User: user, By: strings.TrimSpace(as)})
		if errors.Is(err, intake.ErrNotNow) {
			return fmt.Errorf("%s is %s, and has nothing to put right: %w%s", ref, state, err, anew(state))
		}
		return err
	}
	err := d.panel.Users.Asking(ctx, func() error { return d.update(ctx, correct) })
	return req, err
}

// anew is a line on what can be done about a request whose user cannot be put right any more.
func anew(state intake.State) string {
	if state == intake.Approved {
		return "\nits exception is over: whoever needs one is asked for anew"
	}
	return "\nits site asks for the right address anew"
}

// vacant returns an error if the site of a request has another open one for a user.
func vacant(ctx context.Context, tx Tx, req *intake.Request, user intake.User) error {
	open, err := tx.OpenRequestsFor(ctx, user.Email)
	if err != nil {
		return err
	}
	for _, ref := range open {
		other, err := tx.Request(ctx, ref)
		if err != nil {
			return err
		}
		if other.SiteCode == req.SiteCode && other.Ref != req.Ref {
			return fmt.Errorf("%s is open for %s already", ref, user.Email)
		}
	}
	return nil
}
