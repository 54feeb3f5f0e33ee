package enforce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Actions stores the changes that the directory is to make.
type Actions interface {
	// AddAction queues an action, replacing any still waiting for the same user.
	AddAction(ctx context.Context, a *intake.Action) error
	// TakeAction records an attempt at an action, and keeps the user's other actions waiting until it ends,
	// or at most until until; ErrStale if the action is no longer due.
	TakeAction(ctx context.Context, id int64, now, until time.Time) error
	// EndAction ends an action. One that was overtaken meanwhile stays overtaken.
	EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error
	// Applied stores the directory's ID of an exception's user.
	Applied(ctx context.Context, ref, member string) error
	// OtherwiseExempt reports whether the user of an exception, by the directory's ID, has another active
	// one, perhaps under another address.
	OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error)
	// DelayAction postpones an action that was not taken to due.
	DelayAction(ctx context.Context, id int64, now, due time.Time, lastError string) error
	// PutBackAction puts an action that was taken back into the queue, for due.
	PutBackAction(ctx context.Context, id int64, due, alerted time.Time, lastError string) error
	// Once marks the named task as done on a day; ErrStale if it already is.
	Once(ctx context.Context, name, day string) error
	// Unclosed returns a user's exceptions that are not closed yet. Some may be past their end.
	Unclosed(ctx context.Context, email string) ([]intake.Exception, error)
}

// Enforced reads what the directory has done and should have done.
type Enforced interface {
	// DueActions returns the actions that are due, oldest first; with a ref, those of one reference. It
	// leaves out users with an action already taken.
	DueActions(ctx context.Context, ref string, now time.Time, limit int) ([]intake.Action, error)
	// OpenActions returns the actions that are not done yet, oldest first; with a ref, those of one reference.
	OpenActions(ctx context.Context, ref string) ([]intake.Action, error)
	// AskedActions returns what is to be done by hand, oldest first; only what is about a reference or a user, unless
	// these are empty.
	AskedActions(ctx context.Context, ref, user string) ([]intake.Action, error)
	// ActiveExceptions returns the exceptions that are active at now, by user.
	ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error)
	// Unclosed returns a user's exceptions that are not closed yet. Some may be past their end.
	Unclosed(ctx context.Context, email string) ([]intake.Exception, error)
	// OverExemptions returns a removal for each exemption that is over and not known to have been ended in the
	// directory, longest over first: also where that was not put on record. It leaves out users who are exempt
	// otherwise.
	OverExemptions(ctx context.Context, now time.Time) ([]intake.Action, error)
	// OverByAudit returns the exceptions that are over by the audit and that are not as they were written, with their
	// users where these are among the addresses or still known.
	OverByAudit(ctx context.Context, now time.Time, addresses []string) ([]intake.OverByAudit, error)
}

const (
	callFor      = time.Minute     // bounds one call to the directory
	takenFor     = 2 * time.Minute // after which a taken action was abandoned: longer than any call
	enforceBatch = 20              // how many actions one Enforce deals with, so that it ends in time
)

// Enforce makes the changes in the directory that are due, of one reference or, with an empty ref, all. It
// returns how many it dealt with. A change that fails is put back and tried again until it is no longer
// wanted. If the directory is unreachable, the remaining ones are put back as well, and the cause is
// returned.
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

// enforce makes one attempt at an action. failed is why the directory did not make the change.
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
	failed = f.callDirectory(ctx, &a)
	// The result is recorded even if ctx has ended meanwhile.
	record := context.WithoutCancel(ctx)
	return failed, f.update(record, func(tx Tx) error {
		if failed != nil {
			return f.putBack(record, tx, a, failed)
		}
		if a.Kind == intake.ToApply {
			if err := tx.Applied(record, a.Ref, a.Member); err != nil {
				return err
			}
		}
		return f.enforced(record, tx, a)
	})
}

// callDirectory makes a change, and sets the ID of a member it adds.
func (f *Enforcer) callDirectory(ctx context.Context, a *intake.Action) (err error) {
	calling, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	switch {
	case a.Kind == intake.ToApply:
		if err = f.mayExempt(calling, a.User); err == nil {
			a.Member, err = f.directory.Apply(calling, a.User)
		}
	case a.Member != "": // their address may have changed, or be somebody else's by now
		err = f.directory.Expel(calling, a.Member)
	default:
		err = f.remove(calling, a)
	}
	return err
}

// remove ends the exemption of a user whose ID is not known. Where they have another exception, under another address,
// only what the directory has under this very address ends, and nothing if it knows the user by no other.
func (f *Enforcer) remove(ctx context.Context, a *intake.Action) error {
	unclosed, err := f.store.Unclosed(ctx, a.User)
	if err != nil {
		return err
	}
	for _, e := range unclosed {
		if e.User.Email == a.User || e.StateAt(f.ReadClock()) != intake.Active {
			continue
		}
		other, err := f.directory.Directory.Account(ctx, e.User.Email)
		if err != nil || !other.Exists {
			return err
		}
		return f.directory.Directory.Remove(ctx, a.User)
	}
	return f.directory.Remove(ctx, a.User)
}

// takeAction takes an action, and reports whether it is to be carried out. It is void if it would apply an
// exception that is over by now, or remove a user who has another exception under another address. While an exception is
// not as we wrote it, it is not applied.
func (f *Enforcer) takeAction(ctx context.Context, tx Tx, a intake.Action) (bool, error) {
	now := tx.Now
	e, err := tx.Exception(ctx, a.Ref)
	if errors.Is(err, intake.ErrNotFound) { // not as we wrote it: nobody is exempted by it, nor remains so
		if a.Kind == intake.ToApply { // somebody may put it right
			return false, tx.DelayAction(ctx, a.ID, now, now.Add(actionWait(1, err)), "the exception is not as it was written")
		}
		e, err = &intake.Exception{Ref: a.Ref, User: intake.User{Email: a.User}, State: intake.Ended}, nil
	}
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

// askInstead ends an action that there is no longer a directory for, and asks the operator to do it.
func (f *Enforcer) askInstead(ctx context.Context, tx Tx, a intake.Action, e *intake.Exception) error {
	ask := f.out.AskOperatorToExempt
	if a.Kind == intake.ToRemove {
		ask = f.out.AskOperatorToEndExemption
	}
	if err := tx.EndAction(ctx, a.ID, intake.ActionVoid, tx.Now); err != nil {
		return err
	}
	return ask(ctx, tx.Work, e)
}

// enforced records that the directory made a change.
func (f *Enforcer) enforced(ctx context.Context, tx Tx, a intake.Action) error {
	now := tx.Now
	if err := tx.EndAction(ctx, a.ID, intake.ActionDone, now); err != nil {
		return err
	}
	event, headline := intake.EventApplied, a.User+" is exempt from MFA now"
	if a.Kind == intake.ToRemove {
		event, headline = intake.EventRemoved, "The MFA exemption of "+a.User+" has ended now"
	}
	err := tx.Record(ctx, intake.HistoryEntry{Ref: a.Ref, At: now, Event: event,
		Text: "in the directory, for " + a.User + f.endedBefore(a)})
	if err == nil && a.Kind == intake.ToApply && a.LastError != "" {
		err = f.tellApplied(ctx, tx, a.Ref)
	}
	if err != nil || a.AlertedAt.IsZero() {
		return err
	}
	about, err := f.about(ctx, tx, a)
	if err != nil {
		return err
	}
	return f.out.Alert(ctx, tx.Work, intake.AlertDirectory, about, headline, "Reference: "+a.Ref,
		fmt.Sprintf("The directory took it at attempt %d. Nothing is left to do.", a.Attempts))
}

// tellApplied tells the user and the site, who may have read that an exception does not work yet, that it now
// does; unless it is over by now.
func (f *Enforcer) tellApplied(ctx context.Context, tx Tx, ref string) error {
	e, err := tx.Exception(ctx, ref)
	if err != nil || e.StateAt(tx.Now) != intake.Active {
		return err
	}
	facts := f.FactsOfException(e)
	facts.At = tx.Now
	return f.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterApplied, Ref: ref, Facts: facts})
}

// waits spaces the attempts at an action. After a failure that is not temporary, the wait is the longest.
var waits = intake.Backoff{First: 30 * time.Second, Longest: 30 * time.Minute}

// actionWait returns how long to wait after an attempt failed, the first attempt being 1: at least as long as
// the directory asks for, up to a day.
func actionWait(attempts int, failed error) time.Duration {
	wait := waits.Longest
	if isTemporary(failed) {
		wait = waits.Delay(attempts, 0)
	}
	return max(wait, min(retryAfter(failed), 24*time.Hour))
}

// The operator is told of an action that fails: at once if the failure is not temporary, otherwise after
// alertAttempts; and then every alertEvery.
const (
	alertAttempts = 5
	alertEvery    = 24 * time.Hour
)

// putBack puts an action that failed back into the queue, and tells the operator if that is due.
func (f *Enforcer) putBack(ctx context.Context, tx Tx, a intake.Action, failed error) error {
	now := tx.Now
	f.log.Warn("the directory did not take a change", "ref", a.Ref, "kind", a.Kind, "attempts", a.Attempts, "err", failed)
	alertDue := now.Sub(a.AlertedAt) >= alertEvery || a.AlertedAt.After(now)
	tell := alertDue && (!isTemporary(failed) || a.Attempts >= alertAttempts)
	if tell {
		a.AlertedAt = now
	}
	due := now.Add(actionWait(a.Attempts, failed))
	if err := tx.PutBackAction(ctx, a.ID, due, a.AlertedAt, failed.Error()); err != nil || !tell {
		return err
	}
	event, headline := intake.EventApplyFailed, a.User+" could not be exempted from MFA"
	truth := "The user is prompted for MFA until then, though the exception has started."
	if a.Kind == intake.ToRemove {
		event, headline = intake.EventRemoveFailed, "MFA is still off for "+a.User
		truth = "The user is not prompted for MFA until then, though the exception is over."
	}
	entry := intake.HistoryEntry{Ref: a.Ref, At: now, Event: event, Text: failed.Error()}
	if err := tx.Record(ctx, entry); err != nil {
		return err
	}
	about, err := f.about(ctx, tx, a)
	if err != nil {
		return err
	}
	about.Urgent = a.Kind == intake.ToRemove
	about = about.Do("Mend the cause: mfabot then makes the change by itself. If that cannot wait, change it in the directory by hand.")
	return f.out.Alert(ctx, tx.Work, intake.AlertRefused, about, headline,
		"Reference: "+a.Ref, "For: "+a.User, "Cause: "+failed.Error(),
		fmt.Sprintf("Attempts so far: %d. It is tried again at %s, and so on until the directory takes it.",
			a.Attempts, f.Moment(due)), truth)
}

// about returns whom an action is about, and which site's user that is.
func (f *Enforcer) about(ctx context.Context, tx Tx, a intake.Action) (outbox.Cause, error) {
	e, err := tx.Exception(ctx, a.Ref)
	if errors.Is(err, intake.ErrNotFound) {
		return outbox.Cause{User: intake.User{Email: a.User}}, nil
	}
	if err != nil {
		return outbox.Cause{}, err
	}
	about := outbox.About(f.Service, e.User, e.SiteCode)
	if e.User.Email != a.User { // the one before, of the same user
		about.User = intake.User{Email: a.User}
	}
	return about, nil
}

// putBackRest postpones actions that were not tried because the directory is unreachable.
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

// isTemporary reports whether a later attempt may succeed. An error that does not say is taken as temporary.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	if errors.As(err, &t) {
		return t.Temporary()
	}
	return !errors.Is(err, intake.ErrNoAccount)
}

// retryAfter returns how long the directory asked to be left alone; 0 if it did not say.
func retryAfter(err error) time.Duration {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) {
		return r.RetryAfter()
	}
	return 0
}
