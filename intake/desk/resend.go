package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Resent is a letter that goes out again, or sooner.
type Resent struct {
	intake.Outbound
	Waited bool // in the queue: it is tried at once
}

// Resend puts letters that were given up, or that were sent and did not arrive, into the queue again, and has those that wait
// there tried at once, all of them or none, and returns them. They go out as they are, with the same Message-ID. What the operator
// got in a trial that is over did not arrive. One of which
// nothing says that it did not arrive, or whose place a later letter has taken, is an error. as names the operator.
func (d *Desk) Resend(ctx context.Context, ids []int64, as string) (again []Resent, err error) {
	return again, d.update(ctx, func(tx Tx) error {
		again = nil
		for _, id := range ids {
			o, err := resending{d, tx}.one(ctx, id)
			if err != nil {
				return err
			}
			text := string(o.Template) + " to " + o.To
			if o.Waited {
				text += ", which waited"
			}
			for _, ref := range o.Refs() {
				if err := tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventSentAgain, By: strings.TrimSpace(as),
					Text: text}); err != nil {
					return err
				}
			}
			again = append(again, o)
		}
		return nil
	})
}

// resending is a Resend in its transaction.
type resending struct {
	desk *Desk
	tx   Tx
}

// one is Resend for one.
func (r resending) one(ctx context.Context, id int64) (again Resent, err error) {
	tx := r.tx
	o, err := tx.OutboundByID(ctx, id)
	switch {
	case errors.Is(err, intake.ErrNotFound):
		return again, fmt.Errorf("there is no email %d: mfabot outbound lists them", id)
	case err != nil:
		return again, err
	case o.State == intake.Queued && o.HeldUntil.After(tx.Now):
		return again, fmt.Errorf("email %d is held until %s for what it has to tell until then: it goes out by itself",
			id, r.desk.Moment(o.HeldUntil))
	case o.State == intake.Failed && o.LastError == intake.Overtaken:
		return again, fmt.Errorf("email %d cannot be sent again: a later one has taken its place; see: mfabot outbound", id)
	case o.State == intake.Sent:
		if err := r.didNotArrive(ctx, o); err != nil {
			return again, err
		}
	}
	again.Waited = o.State == intake.Queued
	if !again.Waited {
		_, err = tx.SendAgain(ctx, id, tx.Now)
		if errors.Is(err, intake.ErrStale) { // nothing else keeps it from that
			return again, fmt.Errorf("email %d cannot be sent again: what it said has been purged", id)
		}
	}
	if err == nil {
		o, err = tx.TryNow(ctx, id)
	}
	if err != nil {
		return again, err
	}
	again.Outbound = *o
	return again, nil
}

// didNotArrive returns an error unless a letter that was sent did not reach whom it is to: it came back, or went to the operator
// in a trial that is over.
func (r resending) didNotArrive(ctx context.Context, o *intake.Outbound) error {
	back, err := outbox.CameBack(ctx, r.tx.Work, o)
	switch diverted := o.SentAs.To != "" && intake.Canonical(o.SentAs.To) != intake.Canonical(o.To); {
	case err != nil || back:
		return err
	case diverted && r.desk.kept(o.To) != "":
		return fmt.Errorf("email %d went to %s, as this is a trial: once [trial] is out of the configuration, or names %s, it can be sent again",
			o.ID, o.SentAs.To, o.To)
	case diverted:
		return nil
	}
	return fmt.Errorf("email %d was sent on %s, and nothing says that it did not arrive: nobody gets the same twice",
		o.ID, r.desk.Moment(o.SentAt))
}
