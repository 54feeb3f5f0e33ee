package retain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// nightHour is when the night's purge begins, in the policy's time zone: few people write then, and the day
// before is over everywhere in it.
const nightHour = 2

// lastNight returns when the latest purge was due to begin.
func (k *Keeper) lastNight(now time.Time) time.Time {
	local := now.In(k.Policy.Zone)
	night := time.Date(local.Year(), local.Month(), local.Day(), nightHour, 0, 0, 0, k.Policy.Zone)
	if night.After(now) {
		night = time.Date(local.Year(), local.Month(), local.Day()-1, nightHour, 0, 0, 0, k.Policy.Zone)
	}
	return night.UTC()
}

// Night does the night's purge, once a night, and also after the bot was down for one. It returns how many
// things it deleted, at most a page of them; 0 means that nothing is left to do.
func (k *Keeper) Night(ctx context.Context) (int, error) {
	night := k.lastNight(k.ReadClock())
	w, done := k.tonight(night)
	if done {
		return 0, nil
	}
	if may, err := k.mayPurge(ctx); err != nil || !may {
		return 0, err
	}
	for !w.over() {
		n, err := k.purge(ctx, &w, "", func(Purge) error { return nil })
		k.goOn(w)
		if err != nil || n > 0 {
			return n, err
		}
	}
	if err := k.store.Wipe(ctx); errors.Is(err, intake.ErrBusy) {
		k.log.Info("the write-ahead log is emptied later", "err", err)
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	k.doneFor(night)
	return 0, nil
}

// tonight returns how far the purge of a night has come, and whether it is done.
func (k *Keeper) tonight(night time.Time) (w walk, done bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.walk.at.Equal(night) {
		k.walk = walk{at: night}
	}
	return k.walk, k.purged.Equal(night)
}

func (k *Keeper) goOn(w walk) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.walk = w
}

func (k *Keeper) doneFor(night time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.purged = night
}

// With a clock that is far ahead, everything would be due for deletion. So a night's purge trusts the clock
// only if the bot was at work, by the same clock, between five weeks and three days ago. Three days give
// somebody time to read the alert, even over a weekend. A daily checkpoint shows that the bot was at work.
const (
	workedWithin = 35 * 24 * time.Hour
	workedBefore = 3 * 24 * time.Hour
)

// WasAtWork reports whether that is on record.
func (k *Keeper) WasAtWork(ctx context.Context) (bool, error) {
	now := k.ReadClock()
	return k.store.AtWork(ctx, now.Add(-workedWithin), now.Add(-workedBefore))
}

// mayPurge reports whether the night's purge may trust the clock. If it may not and anything is due, it tells
// the operator once.
func (k *Keeper) mayPurge(ctx context.Context) (bool, error) {
	now := k.ReadClock()
	worked, err := k.WasAtWork(ctx)
	if err != nil || worked {
		return worked, err
	}
	due := 0
	if err := k.DuePurges(ctx, func(Purge) error { due++; return nil }); err != nil || due == 0 {
		return err == nil, err
	}
	err = k.update(ctx, func(tx Tx) error {
		alerts := []intake.Template{intake.LetterAlert}
		told, err := tx.CountLetters(ctx, alerts, k.Operator, intake.Why(intake.AlertPurge), now.Add(-workedBefore))
		if err != nil || told > 0 {
			return err
		}
		// This entry counts as work once it is three days old, so the purge is put off only that long.
		entry := intake.HistoryEntry{At: now, Event: intake.EventPutOff,
			Text: "nothing is on record of the month before"}
		if err := tx.Record(ctx, entry); err != nil {
			return err
		}
		todo := outbox.Cause{}.Do("If the clock is wrong, stop the bot and set it right within three days.",
			"If it is right, nothing need be done: in three days the bot deletes them. "+
				"To do it now: mfabot purge --dry-run, and then mfabot purge.")
		return k.out.Alert(ctx, tx.Work, intake.AlertPurge, todo, "Nothing was deleted tonight: is the clock right?",
			"The clock says "+k.Moment(now)+", and nothing is on record of the month before: "+
				"the bot was down, or the clock is wrong.",
			fmt.Sprintf("By this clock, what is kept for long enough are %d things. ", due)+
				"What is deleted cannot be brought back.")
	})
	if err == nil {
		k.doneFor(k.lastNight(now))
	}
	return false, err
}
