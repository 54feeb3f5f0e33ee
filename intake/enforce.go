package intake

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// callFor bounds one call to the directory. takenFor is longer: an action that is in
// hand for so long was left by a program that ended.
const (
	callFor  = time.Minute
	takenFor = 2 * time.Minute
)

// enforceBatch bounds how many actions one call of Enforce deals with, so that it ends
// in time whatever each call takes.
const enforceBatch = 20

// What an action that failed is recorded and told of by.
const (
	eventApplied      = "applied"
	eventRemoved      = "removed"
	eventApplyFailed  = "apply-failed"
	eventRemoveFailed = "remove-failed"
)

// Enforce has the directory make the changes that are due, of one reference, or all
// where ref is empty. It returns how many were dealt with. A change that fails is put
// back and tried again for as long as it is wanted; when the directory cannot
// be reached, those behind it are put back as well and the cause is returned.
func (in *Intake) Enforce(ctx context.Context, ref string) (int, error) {
	due, err := in.store.DueActions(ctx, ref, in.now(), enforceBatch)
	if err != nil {
		return 0, err
	}
	for i, a := range due {
		failed, err := in.enforce(ctx, a)
		if err != nil {
			return i, err
		}
		if failed != nil && isTemporary(failed) {
			return i, errors.Join(in.putBackRest(ctx, due[i+1:], failed), fmt.Errorf("directory: %w", failed))
		}
	}
	return len(due), nil
}

// enforce makes one attempt at an action; failed is why the directory did not take it.
func (in *Intake) enforce(ctx context.Context, a Action) (failed, err error) {
	wanted := false
	err = in.store.Update(ctx, func(tx Tx) (err error) {
		wanted, err = in.takeAction(ctx, tx, a)
		return err
	})
	if err != nil || !wanted {
		return nil, err
	}
	a.Attempts++
	calling, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	member := a.Member
	switch {
	case a.Kind == ToApply:
		member, failed = in.Directory.Apply(calling, a.User)
	case member != "": // whatever their address is by now, and whoever has it
		failed = in.Directory.Expel(calling, member)
	default:
		failed = in.Directory.Remove(calling, a.User)
	}
	// How it went is put on record even when ctx has ended meanwhile.
	record := context.WithoutCancel(ctx)
	return failed, in.store.Update(record, func(tx Tx) error {
		if failed != nil {
			return in.putBack(record, tx, a, failed)
		}
		if a.Kind == ToApply {
			if err := tx.Applied(record, a.Ref, member); err != nil {
				return err
			}
		}
		return in.enforced(record, tx, a)
	})
}

// takeAction takes an action in hand, unless it is to apply an exception that is
// over by now, or to remove one whose user has another under another address.
func (in *Intake) takeAction(ctx context.Context, tx Tx, a Action) (bool, error) {
	now := in.now()
	e, err := tx.Exception(ctx, a.Ref)
	if err != nil {
		return false, err
	}
	if a.Kind == ToApply && e.StateAt(now) != Active {
		return false, tx.EndAction(ctx, a.ID, ActionVoid, now)
	}
	if a.Kind == ToRemove && a.Member != "" {
		other, err := tx.OtherwiseExempt(ctx, a.Ref, a.Member, now)
		if err != nil || other {
			return false, errors.Join(err, tx.EndAction(ctx, a.ID, ActionVoid, now))
		}
	}
	if in.Directory == nil { // there was one when the action was queued
		return false, in.askInstead(ctx, tx, now, a, e)
	}
	err = tx.TakeAction(ctx, a.ID, now, now.Add(takenFor))
	if errors.Is(err, ErrStale) {
		return false, nil
	}
	return err == nil, err
}

// askInstead asks the operator for what no directory is there to do any more.
func (in *Intake) askInstead(ctx context.Context, tx Tx, now time.Time, a Action, e *Exception) error {
	ask := in.askToApply
	if a.Kind == ToRemove {
		ask = in.askToRemove
	}
	return errors.Join(tx.EndAction(ctx, a.ID, ActionVoid, now), ask(ctx, tx, now, e))
}

// enforced puts on record that the directory took an action.
func (in *Intake) enforced(ctx context.Context, tx Tx, a Action) error {
	now := in.now()
	if err := tx.EndAction(ctx, a.ID, ActionDone, now); err != nil {
		return err
	}
	event, headline := eventApplied, a.User+" is exempt from MFA now"
	if a.Kind == ToRemove {
		event, headline = eventRemoved, "The MFA exemption of "+a.User+" has ended now"
	}
	err := tx.Record(ctx, HistoryEntry{Ref: a.Ref, At: now, Event: event, Text: "in the directory, for " + a.User})
	if err == nil && a.Kind == ToApply && a.LastError != "" {
		err = in.tellApplied(ctx, tx, now, a.Ref)
	}
	if err != nil || a.AlertedAt.IsZero() {
		return err
	}
	return in.alert(ctx, tx, now, kindDirectory, headline, "Reference: "+a.Ref, fmt.Sprintf("The directory took it at attempt %d. Nothing is left to do.", a.Attempts))
}

// tellApplied tells those who may have read that an exception does not work yet that
// it does, unless it is over by now.
func (in *Intake) tellApplied(ctx context.Context, tx Tx, now time.Time, ref string) error {
	e, err := tx.Exception(ctx, ref)
	if err != nil || e.StateAt(now) != Active {
		return err
	}
	return in.toBoth(ctx, tx, now, Letter{Template: Applied, Ref: ref, Facts: in.exceptionFacts(e)})
}

// Waits between attempts at an action: they double from the first to the longest;
// what no later attempt is expected to mend is tried at the longest.
const (
	firstWait   = 30 * time.Second
	longestWait = 30 * time.Minute
)

// actionWait is how long to wait after so many attempts.
func actionWait(attempts int, failed error) time.Duration {
	wait := longestWait
	if isTemporary(failed) && attempts < 7 { // 30 s << 6 is above the longest
		wait = min(firstWait<<(attempts-1), longestWait)
	}
	return max(wait, min(retryAfter(failed), 24*time.Hour))
}

// When the operator is told of an action that fails: at once where no later attempt
// is expected to mend it, else after some attempts; and then once a day.
const (
	alertAttempts = 5
	alertEvery    = 24 * time.Hour
)

// putBack puts an action back that failed, and tells the operator where it is time to.
func (in *Intake) putBack(ctx context.Context, tx Tx, a Action, failed error) error {
	now := in.now()
	in.Log.Warn("the directory did not take a change", "ref", a.Ref, "kind", a.Kind, "attempts", a.Attempts, "err", failed)
	tell := (!isTemporary(failed) || a.Attempts >= alertAttempts) && (now.Sub(a.AlertedAt) >= alertEvery || a.AlertedAt.After(now))
	if tell {
		a.AlertedAt = now
	}
	due := now.Add(actionWait(a.Attempts, failed))
	if err := tx.PutBackAction(ctx, a.ID, due, a.AlertedAt, failed.Error()); err != nil || !tell {
		return err
	}
	event, headline, truth := eventApplyFailed, a.User+" could not be exempted from MFA", "The user is prompted for MFA until then, though the exception has started."
	if a.Kind == ToRemove {
		event, headline, truth = eventRemoveFailed, "MFA is still off for "+a.User, "The user is not prompted for MFA until then, though the exception is over."
	}
	return errors.Join(
		tx.Record(ctx, HistoryEntry{Ref: a.Ref, At: now, Event: event, Text: failed.Error()}),
		in.alert(ctx, tx, now, kindRefused, headline, "Reference: "+a.Ref, "For: "+a.User, "Cause: "+failed.Error(),
			fmt.Sprintf("Attempts so far: %d. It is tried again at %s, and so on until the directory takes it.", a.Attempts, in.moment(due)), truth),
	)
}

// putBackRest puts back actions that were not tried, as the directory cannot be reached.
func (in *Intake) putBackRest(ctx context.Context, rest []Action, cause error) error {
	return in.store.Update(ctx, func(tx Tx) error {
		for _, a := range rest {
			if err := tx.DelayAction(ctx, a.ID, in.now(), in.now().Add(actionWait(1, cause)), cause.Error()); err != nil {
				return err
			}
		}
		return nil
	})
}
