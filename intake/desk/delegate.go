package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mfabot/intake"
)

// Delegate has another reviewer or deputy stand in for a reviewer from now on. to is who stands in; if empty,
// the reviewer's own deputy. until is the last day, such as 2026-12-24; if empty, Return ends the absence. as
// names the operator. It returns the absence.
func (d *Desk) Delegate(ctx context.Context, reviewer, to, until, as string) (intake.Absence, error) {
	r, ok := d.Reviewers.ByAddress(reviewer)
	if !ok {
		return intake.Absence{}, d.Reviewers.NotReviewer(reviewer)
	}
	address := cmp.Or(to, r.Deputy)
	deputy, ok := d.Reviewers.ByAddress(address)
	switch {
	case address == "":
		return intake.Absence{}, intake.Miswrittenf("%s has no deputy in the configuration: expected --to ADDRESS", r.Address)
	case !ok:
		return intake.Absence{}, intake.Miswrittenf("%q must not decide: "+
			"expected the address of a [[reviewer]] of the configuration, or of a deputy", address)
	case deputy.Address == r.Address:
		return intake.Absence{}, intake.Miswrittenf("%s cannot stand in for themselves: expected somebody else's address", r.Address)
	}
	a := intake.Absence{Reviewer: r.Address, Deputy: deputy.Address, ByHand: true}
	err := d.update(ctx, func(tx Tx) error {
		a.Since = tx.Now
		if until != "" {
			_, end, err := d.Policy.DayOf(until)
			if err != nil || !end.After(a.Since) {
				return intake.Miswrittenf("expected a day from today on, such as %s, not %q",
					a.Since.In(d.Policy.Zone).AddDate(0, 0, 7).Format(time.DateOnly), until)
			}
			a.Until = end
		}
		return d.panel.BeginAbsence(ctx, tx.Tx, a, as, deputy.Address+" stands in")
	})
	return a, err
}

// Return ends a reviewer's absence, however it began. as names the operator. The deputy may still decide on
// what they were asked meanwhile.
func (d *Desk) Return(ctx context.Context, reviewer, as string) error {
	r, ok := d.Reviewers.ByAddress(reviewer)
	if !ok {
		return d.Reviewers.NotReviewer(reviewer)
	}
	return d.update(ctx, func(tx Tx) error {
		err := tx.EndAbsence(ctx, r.Address, true, tx.Now)
		if errors.Is(err, intake.ErrStale) {
			return fmt.Errorf("%s is not away", r.Address)
		}
		if err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{At: tx.Now, Event: intake.EventBack, By: strings.TrimSpace(as),
			Text: r.Address + " is back"})
	})
}
