package retain

import (
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
)

// Holds stores the legal holds.
type Holds interface {
	// Hold places a legal hold; ErrStale if there is one already.
	Hold(ctx context.Context, h intake.Hold) error
	// Release ends a legal hold; ErrStale if there is none.
	Release(ctx context.Context, ref string) error
	// HoldOn returns the legal hold on a reference, or ErrNotFound.
	HoldOn(ctx context.Context, ref string) (*intake.Hold, error)
}

// PlaceHold places a legal hold on a request or exception: until its release, nothing of it is deleted.
// ErrPurged if its personal data is already gone.
func (k *Keeper) PlaceHold(ctx context.Context, ref, reason, by string) error {
	return k.update(ctx, func(tx Tx) error {
		r, err := tx.Reference(ctx, ref)
		if err != nil {
			return err
		}
		if r.Purged {
			return fmt.Errorf("%s: %w", ref, intake.ErrPurged)
		}
		if err := tx.Hold(ctx, intake.Hold{Ref: ref, At: tx.Now, By: by, Reason: reason}); errors.Is(err, intake.ErrStale) {
			h, err := tx.HoldOn(ctx, ref)
			if err != nil {
				return err
			}
			return fmt.Errorf("%s is already under a legal hold, since %s, by %s", ref, k.Moment(h.At), h.By)
		} else if err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventHeld, By: by, Text: reason})
	})
}

// ReleaseHold ends the legal hold on a request or exception. It is an error if there is none.
func (k *Keeper) ReleaseHold(ctx context.Context, ref, by string) error {
	return k.update(ctx, func(tx Tx) error {
		if _, err := tx.Reference(ctx, ref); err != nil {
			return err
		}
		if err := tx.Release(ctx, ref); errors.Is(err, intake.ErrStale) {
			return fmt.Errorf("%s is not under a legal hold", ref)
		} else if err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventReleased, By: by})
	})
}
