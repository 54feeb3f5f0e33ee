package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Resend puts letters that were given up, or that were sent and did not arrive, into the queue again, all of them or none,
// and returns them. They go out as they are, with the same Message-ID. One that is in the queue still, of which nothing says
// that it did not arrive, or whose place a later letter has taken, is an error. as names the operator.
func (d *Desk) Resend(ctx context.Context, ids []int64, as string) (again []intake.Outbound, err error) {
	return again, d.update(ctx, func(tx Tx) error {
		again = nil
		for _, id := range ids {
			o, err := sendAgain(ctx, tx, id)
			if errors.Is(err, intake.ErrStale) || errors.Is(err, intake.ErrNotFound) {
				return fmt.Errorf("email %d cannot be sent again: there is none, it is in the queue, "+
					"it has been purged, or a later one has taken its place; see: mfabot outbound", id)
			}
			if err != nil {
				return err
			}
			for _, ref := range o.Refs() {
				if err := tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventSentAgain, By: strings.TrimSpace(as),
					Text: string(o.Template) + " to " + o.To}); err != nil {
					return err
				}
			}
			again = append(again, *o)
		}
		return nil
	})
}

// sendAgain is Resend for one.
func sendAgain(ctx context.Context, tx Tx, id int64) (*intake.Outbound, error) {
	o, err := tx.OutboundByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if o.State == intake.Sent {
		back, err := outbox.CameBack(ctx, tx.Work, o)
		if err != nil {
			return nil, err
		}
		if !back {
			return nil, fmt.Errorf("email %d was sent on %s, and nothing says that it did not arrive: nobody gets the same twice",
				id, o.SentAt.UTC().Format(time.DateTime+" MST"))
		}
	}
	return tx.SendAgain(ctx, id, tx.Now)
}
