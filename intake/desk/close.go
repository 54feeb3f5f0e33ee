package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
)

// Close ends a request that nobody has decided, as a site asks for on the telephone. Its site and the reviewers are told
// the reason. as names the operator. It returns the request.
func (d *Desk) Close(ctx context.Context, ref, reason, as string) (*intake.Request, error) {
	var req *intake.Request
	err := d.update(ctx, func(tx Tx) (err error) {
		if req, err = tx.Request(ctx, ref); err != nil {
			return err
		}
		err = d.panel.Withdraw(ctx, tx.Tx, review.Withdrawal{Request: req, By: strings.TrimSpace(as), Why: intake.WhyClosed,
			Said: strings.TrimSpace(reason)})
		if !errors.Is(err, intake.ErrNotNow) {
			return err
		}
		instead, err := d.insteadOfClosing(ctx, tx, req)
		if err != nil {
			return err
		}
		return fmt.Errorf("%s is %s, so there is nothing to close%s", ref, req.State, instead)
	})
	return req, err
}

// insteadOfClosing is a line on what can be done about a request that is over; empty where that is nothing.
func (d *Desk) insteadOfClosing(ctx context.Context, tx Tx, req *intake.Request) (string, error) {
	if req.State == intake.Rejected {
		return "\nits site was told so; nothing happens unless it answers with evidence", nil
	}
	if req.State != intake.Approved {
		return "", nil
	}
	renewal, err := tx.Renewing(ctx, req.Ref)
	if err != nil {
		return "", err
	}
	e, err := tx.Exception(ctx, req.Ref)
	if err != nil {
		return "", err
	}
	switch state := e.StateAt(tx.Now); {
	case state != intake.Active:
		return fmt.Sprintf("\nits exception is %s", state), nil
	case renewal != "":
		return fmt.Sprintf("\nto end its exception: mfabot revoke %s REASON --as NAME\n"+
			"to end the request that would renew it: mfabot close %s REASON --as NAME", req.Ref, renewal), nil
	}
	return "\nto end its exception: mfabot revoke " + req.Ref + " REASON --as NAME", nil
}
