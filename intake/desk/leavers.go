package desk

import (
	"context"
	"fmt"

	"mfabot/intake"
	"mfabot/intake/review"
)

// leftReason is the reason that a leaver's user and site are given.
const leftReason = "left the organisation"

// Leaver is somebody who has left, and what was done about them.
type Leaver struct {
	Email     string
	Revoked   []string // references of exceptions that were active
	TakenBack []string // references of requests that were undecided
}

// Leave revokes the active exceptions of people who have left and withdraws the undecided requests for them:
// all of it or nothing. as names the operator. It returns what was done about each person.
func (d *Desk) Leave(ctx context.Context, emails []string, as string) ([]Leaver, error) {
	var out []Leaver
	err := d.update(ctx, func(tx Tx) error {
		out = out[:0]
		for _, email := range emails {
			l, err := d.leave(ctx, tx, email, as)
			if err != nil {
				return fmt.Errorf("%s: %w", email, err)
			}
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d *Desk) leave(ctx context.Context, tx Tx, email, as string) (Leaver, error) {
	l := Leaver{Email: email}
	open, err := tx.OpenRequestsFor(ctx, email)
	if err != nil {
		return l, err
	}
	for _, ref := range open {
		req, err := tx.Request(ctx, ref)
		if err != nil {
			return l, err
		}
		if err := d.panel.Withdraw(ctx, tx.Tx, review.Withdrawal{Request: req, By: as, Why: intake.WhyLeft}); err != nil {
			return l, err
		}
		l.TakenBack = append(l.TakenBack, ref)
	}
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return l, err
	}
	for _, e := range unclosed {
		if e.StateAt(tx.Now) != intake.Active {
			continue
		}
		if err := d.panel.Revoke(ctx, tx.Tx, &e, intake.WhyLeft, leftReason, as); err != nil {
			return l, err
		}
		l.Revoked = append(l.Revoked, e.Ref)
	}
	return l, nil
}
