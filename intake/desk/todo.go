package desk

import (
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Done records that somebody has done what is to be done by hand, all of it or none, and tells those who wait for it. as names
// who did. It returns the to-dos.
func (d *Desk) Done(ctx context.Context, as string, ids ...int64) (all []*intake.Action, err error) {
	return all, d.update(ctx, func(tx Tx) error {
		all = nil
		for _, id := range ids {
			todo, err := d.doneOne(ctx, tx, id, as)
			if err != nil {
				return err
			}
			all = append(all, todo)
		}
		return nil
	})
}

// doneOne is Done for one.
func (d *Desk) doneOne(ctx context.Context, tx Tx, id int64, as string) (*intake.Action, error) {
	todo, err := tx.Action(ctx, id)
	if errors.Is(err, intake.ErrNotFound) || err == nil && todo.State == intake.ActionOpen {
		return nil, fmt.Errorf("there is no to-do %d: mfabot todo lists them", id)
	}
	if err != nil {
		return nil, err
	}
	err = outbox.TodoDone(ctx, d.out, tx.Work, todo, as, "")
	switch {
	case !errors.Is(err, intake.ErrStale):
		return todo, err
	case todo.State == intake.ActionDone:
		return nil, fmt.Errorf("to-do %d was done already: nothing was changed", id)
	}
	return nil, fmt.Errorf("to-do %d is not to be done any more: a later change for %s has taken its place; "+
		"mfabot todo lists what is", id, todo.User)
}
