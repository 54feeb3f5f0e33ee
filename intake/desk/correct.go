package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
)

// Right is what is right in a request. What is empty is right in it already.
type Right struct {
	User   intake.User
	Reason string // an id of the policy
}

// Correct puts right what is wrong in a request, or the address of the exception that came of it, and returns the request
// that has it right from now on. Reviewers decide anew, on the same evidence. as names the operator.
func (d *Desk) Correct(ctx context.Context, ref string, right Right, as string) (*intake.Request, error) {
	right.User = intake.User{Email: intake.Canonical(right.User.Email), Name: strings.TrimSpace(right.User.Name)}
	if err := d.possible(right); err != nil {
		return nil, err
	}
	var req *intake.Request
	correct := func(tx Tx) error {
		old, err := tx.Request(ctx, ref)
		if err != nil {
			return err
		}
		user, reason := old.User, cmp.Or(right.Reason, old.Reason)
		user.Email, user.Name = cmp.Or(right.User.Email, user.Email), cmp.Or(right.User.Name, user.Name)
		if err := d.worthwhile(ctx, tx, old, user, reason); err != nil {
			return err
		}
		state := old.State
		req, err = review.Correct(ctx, d.panel, tx.Tx,
			review.Correction{Request: old, User: user, Reason: reason, By: strings.TrimSpace(as)})
		if errors.Is(err, intake.ErrNotNow) {
			return fmt.Errorf("%s is %s, and has nothing to put right: %w%s", ref, state, err, anew(state))
		}
		return err
	}
	err := d.panel.Users.Asking(ctx, func() error { return d.update(ctx, correct) })
	return req, err
}

// possible returns an error if what is said to be right can be right in no request.
func (d *Desk) possible(right Right) error {
	if email := right.User.Email; email != "" && !intake.IsAddress(email) {
		return intake.NotAnAddress(email)
	}
	if _, known := d.Policy.LongTerm.Reason(right.Reason); right.Reason != "" && !known {
		return d.Policy.LongTerm.NoReason(intake.Long, right.Reason)
	}
	return nil
}

// worthwhile returns an error if nothing would change in a request, or its user would be one who can have none.
func (d *Desk) worthwhile(ctx context.Context, tx Tx, old *intake.Request, user intake.User, reason string) error {
	switch {
	case user.Email != old.User.Email:
		words, err := d.unfit(user.Email)
		if err != nil {
			return err
		}
		if words != "" {
			return errors.New(words)
		}
		return vacant(ctx, tx, old, user)
	case user == old.User && reason == old.Reason:
		return fmt.Errorf("%s is for %s already, by that name and for that reason: nothing was changed", old.Ref,
			cmp.Or(user.Email, "nobody yet"))
	case old.State == intake.Approved:
		return fmt.Errorf("%s is approved, and only the address can be put right still: nothing was changed\n"+
			"if the exception must not go on: mfabot revoke %s REASON --as NAME; its site asks for another then", old.Ref, old.Ref)
	}
	return nil
}

// anew is a line on what can be done about a request whose user cannot be put right any more.
func anew(state intake.State) string {
	if state == intake.Approved {
		return "\nits exception is over: whoever needs one is asked for anew"
	}
	return "\nits site asks anew"
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
