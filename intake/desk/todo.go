package desk

import (
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Done records that somebody has done what is to be done by hand, and tells those who wait for it. as names who did. It
// returns the to-do.
func (d *Desk) Done(ctx context.Context, id int64, as string) (*intake.Action, error) {
	var todo *intake.Action
	err := d.update(ctx, func(tx Tx) (err error) {
		if todo, err = tx.Action(ctx, id); errors.Is(err, intake.ErrNotFound) || err == nil && todo.State == intake.ActionOpen {
			return fmt.Errorf("there is no to-do %d: mfabot todo lists them", id)
		}
		if err != nil {
			return err
		}
		err = outbox.TodoDone(ctx, d.out, tx.Work, todo, as, "")
		if !errors.Is(err, intake.ErrStale) {
			return err
		}
		if todo.State == intake.ActionDone {
			return fmt.Errorf("to-do %d was done already: nothing was changed", id)
		}
		return fmt.Errorf("to-do %d is not to be done any more: a later change for %s has taken its place; "+
			"mfabot todo lists what is", id, todo.User)
	})
	return todo, err
}
