package enforce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
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

// Enforce has the directory make the changes that are due, of one reference, or all
// where ref is empty. It returns how many were dealt with. A change that fails is put
// back and tried again for as long as it is wanted; when the directory cannot
// be reached, those behind it are put back as well and the cause is returned.
func (f *Enforcer) Enforce(ctx context.Context, ref string) (int, error) {
	due, err := f.store.DueActions(ctx, ref, f.ReadClock(), enforceBatch)
	if err != nil {
		return 0, err
	}
	for i, a := range due {
		failed, err := f.enforce(ctx, a)
		if err != nil {
			return i, err
		}
		if failed != nil && isTemporary(failed) {
			return i, errors.Join(f.putBackRest(ctx, due[i+1:], failed), fmt.Errorf("directory: %w", failed))
		}
	}
	return len(due), nil
}

// enforce makes one attempt at an action; failed is why the directory did not take it.
func (f *Enforcer) enforce(ctx context.Context, a intake.Action) (failed, err error) {
	wanted := false
	err = f.update(ctx, func(tx Tx) (err error) {
		wanted, err = f.takeAction(ctx, tx, a)
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
	case a.Kind == intake.ToApply:
		member, failed = f.directory.Apply(calling, a.User)
	case member != "": // whatever their address is by now, and whoever has it
		failed = f.directory.Expel(calling, member)
	default:
		failed = f.directory.Remove(calling, a.User)
	}
	// How it went is put on record even when ctx has ended meanwhile.
	record := context.WithoutCancel(ctx)
	return failed, f.update(record, func(tx Tx) error {
		if failed != nil {
			return f.putBack(record, tx, a, failed)
		}
		if a.Kind == intake.ToApply {
			if err := tx.Applied(record, a.Ref, member); err != nil {
				return err
			}
		}
		return f.enforced(record, tx, a)
	})
}

// takeAction takes an action in hand, unless it is to apply an exception that is
// over by now, or to remove one whose user has another under another address.
func (f *Enforcer) takeAction(ctx context.Context, tx Tx, a intake.Action) (bool, error) {
	now := tx.Now
	e, err := tx.Exception(ctx, a.Ref)
	if err != nil {
		return false, err
	}
	if a.Kind == intake.ToApply && e.StateAt(now) != intake.Active {
		return false, tx.EndAction(ctx, a.ID, intake.ActionVoid, now)
	}
	if a.Kind == intake.ToRemove && a.Member != "" {
		other, err := tx.OtherwiseExempt(ctx, a.Ref, a.Member, now)
		if err != nil {
			return false, err
		}
		if other {
			return false, tx.EndAction(ctx, a.ID, intake.ActionVoid, now)
		}
	}
	if f.directory == nil { // there was one when the action was queued
		return false, f.askInstead(ctx, tx, a, e)
	}
	err = tx.TakeAction(ctx, a.ID, now, now.Add(takenFor))
	if errors.Is(err, intake.ErrStale) {
		return false, nil
	}
	return err == nil, err
}

// askInstead asks the operator for what no directory is there to do any more.
func (f *Enforcer) askInstead(ctx context.Context, tx Tx, a intake.Action, e *intake.Exception) error {
	ask := f.out.AskToApply
	if a.Kind == intake.ToRemove {
		ask = f.out.AskToRemove
	}
	if err := tx.EndAction(ctx, a.ID, intake.ActionVoid, tx.Now); err != nil {
		return err
	}
	return ask(ctx, tx.Work, e)
}

// enforced puts on record that the directory took an action.
func (f *Enforcer) enforced(ctx context.Context, tx Tx, a intake.Action) error {
	now := tx.Now
	if err := tx.EndAction(ctx, a.ID, intake.ActionDone, now); err != nil {
		return err
	}
	event, headline := intake.EventApplied, a.User+" is exempt from MFA now"
	if a.Kind == intake.ToRemove {
		event, headline = intake.EventRemoved, "The MFA exemption of "+a.User+" has ended now"
	}
	err := tx.Record(ctx, intake.HistoryEntry{Ref: a.Ref, At: now, Event: event, Text: "in the directory, for " + a.User})
	if err == nil && a.Kind == intake.ToApply && a.LastError != "" {
		err = f.tellApplied(ctx, tx, a.Ref)
	}
	if err != nil || a.AlertedAt.IsZero() {
		return err
	}
	return f.out.Alert(ctx, tx.Work, intake.AlertDirectory, headline, "Reference: "+a.Ref, fmt.Sprintf("The directory took it at attempt %d. Nothing is left to do.", a.Attempts))
}

// tellApplied tells those who may have read that an exception does not work yet that
// it does, unless it is over by now.
func (f *Enforcer) tellApplied(ctx context.Context, tx Tx, ref string) error {
	e, err := tx.Exception(ctx, ref)
	if err != nil || e.StateAt(tx.Now) != intake.Active {
		return err
	}
	return f.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterApplied, Ref: ref, Facts: f.FactsOfException(e)})
}

// waits spaces the attempts at an action. What no later attempt is expected to correct is tried at the longest.
var waits = intake.Backoff{First: 30 * time.Second, Longest: 30 * time.Minute}

// actionWait is how long to wait after so many attempts: as long as the directory asks for, a day at most.
func actionWait(attempts int, failed error) time.Duration {
	wait := waits.Longest
	if isTemporary(failed) {
		wait = waits.Delay(attempts, 0)
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
func (f *Enforcer) putBack(ctx context.Context, tx Tx, a intake.Action, failed error) error {
	now := tx.Now
	f.log.Warn("the directory did not take a change", "ref", a.Ref, "kind", a.Kind, "attempts", a.Attempts, "err", failed)
	tell := (!isTemporary(failed) || a.Attempts >= alertAttempts) && (now.Sub(a.AlertedAt) >= alertEvery || a.AlertedAt.After(now))
	if tell {
		a.AlertedAt = now
	}
	due := now.Add(actionWait(a.Attempts, failed))
	if err := tx.PutBackAction(ctx, a.ID, due, a.AlertedAt, failed.Error()); err != nil || !tell {
		return err
	}
	event, headline, truth := intake.EventApplyFailed, a.User+" could not be exempted from MFA", "The user is prompted for MFA until then, though the exception has started."
	if a.Kind == intake.ToRemove {
		event, headline, truth = intake.EventRemoveFailed, "MFA is still off for "+a.User, "The user is not prompted for MFA until then, though the exception is over."
	}
	if err := tx.Record(ctx, intake.HistoryEntry{Ref: a.Ref, At: now, Event: event, Text: failed.Error()}); err != nil {
		return err
	}
	return f.out.Alert(ctx, tx.Work, intake.AlertRefused, headline, "Reference: "+a.Ref, "For: "+a.User, "Cause: "+failed.Error(),
		fmt.Sprintf("Attempts so far: %d. It is tried again at %s, and so on until the directory takes it.", a.Attempts, f.Moment(due)), truth)
}

// putBackRest puts back actions that were not tried, as the directory cannot be reached.
func (f *Enforcer) putBackRest(ctx context.Context, rest []intake.Action, cause error) error {
	return f.update(ctx, func(tx Tx) error {
		for _, a := range rest {
			if err := tx.DelayAction(ctx, a.ID, tx.Now, tx.Now.Add(actionWait(1, cause)), cause.Error()); err != nil {
				return err
			}
		}
		return nil
	})
}

// isTemporary reports whether a later attempt may succeed; an error that does not
// say is taken for one of the surroundings.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	if errors.As(err, &t) {
		return t.Temporary()
	}
	return !errors.Is(err, intake.ErrNoAccount)
}

// retryAfter is how long a directory wants to be left alone; 0 where it does not say.
func retryAfter(err error) time.Duration {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) {
		return r.RetryAfter()
	}
	return 0
}

// Enforced is what is to be read of what the directory has done, and should have.
type Enforced interface {
	// DueActions returns the actions whose time has come, oldest first; of one
	// reference where ref is not empty. None is of a user for whom another is in hand.
	DueActions(ctx context.Context, ref string, now time.Time, limit int) ([]intake.Action, error)
	// OpenActions returns what is not done yet, oldest first; of one reference where
	// ref is not empty.
	OpenActions(ctx context.Context, ref string) ([]intake.Action, error)
	// ActiveExceptions returns those that are active at now, by user.
	ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error)
}
