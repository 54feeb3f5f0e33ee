package retain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
)

// nightHour is when the night's purge begins, in the policy's time zone: when few
// write, and after midnight, so that a day is over for everybody.
const nightHour = 2

// lastNight is when the last purge was to begin.
func (k *Keeper) lastNight(now time.Time) time.Time {
	local := now.In(k.Policy.Zone)
	night := time.Date(local.Year(), local.Month(), local.Day(), nightHour, 0, 0, 0, k.Policy.Zone)
	if night.After(now) {
		night = time.Date(local.Year(), local.Month(), local.Day()-1, nightHour, 0, 0, 0, k.Policy.Zone)
	}
	return night.UTC()
}

// purgeBatch bounds what one call of Night deals with.
const purgeBatch = 200

// Night does the night's purge, once a night and after a time in which the bot was
// down, and returns how many things it dealt with, at most a batch; 0 says that
// nothing is left to do. It keeps no record of its own: what is gone is not due
// again, so that it may be ended at any moment and begin anew.
func (k *Keeper) Night(ctx context.Context) (int, error) {
	night := k.lastNight(k.ReadClock())
	k.mu.Lock()
	done := k.purged.Equal(night)
	k.mu.Unlock()
	if done {
		return 0, nil
	}
	if may, err := k.mayPurge(ctx); err != nil || !may {
		return 0, err
	}
	n, err := k.purge(ctx, night, purgeBatch, func(Purge) error { return nil })
	if err != nil || n > 0 {
		return n, err
	}
	if err := k.store.Wipe(ctx); errors.Is(err, intake.ErrBusy) {
		k.log.Info("the write-ahead log is emptied later", "err", err)
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.purged = night
	return 0, nil
}

// A night's purge believes the clock where the bot was at work by the same clock
// within five weeks, and not for the last days only: with one that is far ahead,
// everything would be over. The days are so many that somebody reads the alert before
// they are over, on a weekend too. A checkpoint a day says that the bot was at work.
const (
	workedWithin = 35 * 24 * time.Hour
	workedBefore = 3 * 24 * time.Hour
)

// mayPurge reports whether the night's purge may believe the clock. Where it may not
// and anything is due, the operator is told, once.
func (k *Keeper) mayPurge(ctx context.Context) (bool, error) {
	now := k.ReadClock()
	worked, err := k.store.AtWork(ctx, now.Add(-workedWithin), now.Add(-workedBefore))
	if err != nil || worked {
		return worked, err
	}
	due, err := k.DuePurges(ctx)
	if err != nil || len(due) == 0 {
		return err == nil, err
	}
	err = k.update(ctx, func(tx Tx) error {
		told, err := tx.CountLetters(ctx, []intake.Template{intake.LetterAlert}, k.Operator, intake.Why(intake.AlertPurge), now.Add(-workedBefore))
		if err != nil || told > 0 {
			return err
		}
		// From the first entry on there is a checkpoint a day, so that it is put off
		// for those days only.
		if err := tx.Record(ctx, intake.HistoryEntry{At: now, Event: intake.EventPutOff, Text: "nothing is on record of the month before"}); err != nil {
			return err
		}
		return k.out.Alert(ctx, tx.Work, intake.AlertPurge, "Nothing was deleted tonight: is the clock right?",
			"The clock says "+k.Moment(now)+", and nothing is on record of the month before: the bot was down, or the clock is wrong.",
			fmt.Sprintf("By this clock, what is kept for long enough are %d things. What is deleted cannot be brought back.", len(due)),
			"If the clock is right, nothing need be done: in three days the bot deletes them. To do it now: mfabot purge --dry-run, and then mfabot purge.",
			"If it is wrong, stop the bot and set it right before then.")
	})
	if err == nil {
		k.mu.Lock()
		k.purged = k.lastNight(now)
		k.mu.Unlock()
	}
	return false, err
}
