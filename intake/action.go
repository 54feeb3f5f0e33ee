package intake

import (
	"context"
	"time"
)

// Action is a change that the directory is to make: an exception is applied when it
// starts, and removed when it ends.
type Action struct {
	ID        int64
	Ref       string // the exception
	User      string // an address
	Member    string // the directory's ID of the user; empty until it was applied, or where it gave none
	Kind      ActionKind
	Attempts  int // that were begun
	CreatedAt time.Time
	DueAt     time.Time // not before
	AlertedAt time.Time // when the operator was last told that it fails; zero for never
	LastError string    // of the last attempt
}

// ActionKind is what is to be done.
type ActionKind string

// The kinds of actions.
const (
	ToApply  ActionKind = "apply"
	ToRemove ActionKind = "remove"
)

// ActionState is how far an action has come.
type ActionState string

// The states of an action.
const (
	ActionOpen ActionState = "open"
	ActionDone ActionState = "done"
	ActionVoid ActionState = "void" // overtaken: something else is wanted for its user now
)

// Actions is what the directory is to be told.
type Actions interface {
	// AddAction puts an action into the queue, in place of those that were still to be
	// done for its user.
	AddAction(ctx context.Context, a *Action) error
	// TakeAction puts an attempt on record, and keeps the others of the same user
	// waiting until then at most; ErrStale if the action is not due any more.
	TakeAction(ctx context.Context, id int64, now, until time.Time) error
	// EndAction ends an action. One that was overtaken meanwhile stays so.
	EndAction(ctx context.Context, id int64, how ActionState, now time.Time) error
	// Applied keeps the directory's ID of an exception's user.
	Applied(ctx context.Context, ref, member string) error
	// OtherwiseExempt reports whether the user of an exception has another one that is
	// active, under whatever address, by the directory's ID.
	OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error)
	// DelayAction puts an action that nobody has in hand off until due.
	DelayAction(ctx context.Context, id int64, now, due time.Time, lastError string) error
	// PutBackAction puts an action back that was in hand, until due.
	PutBackAction(ctx context.Context, id int64, due, alerted time.Time, lastError string) error
	// Once marks what is done once a day as done on a day; ErrStale if it was.
	Once(ctx context.Context, name, day string) error
}

// Enforced is what is to be read of what the directory has done, and should have.
type Enforced interface {
	// DueActions returns the actions whose time has come, oldest first; of one
	// reference where ref is not empty. None is of a user for whom another is in hand.
	DueActions(ctx context.Context, ref string, now time.Time, limit int) ([]Action, error)
	// OpenActions returns what is not done yet, oldest first; of one reference where
	// ref is not empty.
	OpenActions(ctx context.Context, ref string) ([]Action, error)
	// ActiveExceptions returns those that are active at now, by user.
	ActiveExceptions(ctx context.Context, now time.Time) ([]Exception, error)
}

// kindDirectory is the kind of alert that asks for a change in the directory.
const kindDirectory = "directory"

// kindRefused is the kind of alert about changes that the directory does not take:
// one cause may keep it from taking any.
const kindRefused = "directory-refused"

// apply has an exception applied where MFA is enforced. Without a directory the
// operator is asked to, unless the user is exempt already.
func (in *Intake) apply(ctx context.Context, tx Tx, now time.Time, e *Exception, exempt bool) error {
	if in.Directory != nil {
		return tx.AddAction(ctx, &Action{Ref: e.Ref, User: e.Subject.Email, Kind: ToApply, CreatedAt: now, DueAt: now})
	}
	if exempt {
		return nil
	}
	return in.askToApply(ctx, tx, now, e)
}

// remove has an exception that is over removed where MFA is enforced.
func (in *Intake) remove(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	if in.Directory != nil {
		return tx.AddAction(ctx, &Action{Ref: e.Ref, User: e.Subject.Email, Kind: ToRemove, CreatedAt: now, DueAt: now})
	}
	return in.askToRemove(ctx, tx, now, e)
}

// WithDirectory completes a letter that goes out now with what the directory says:
// whether it has made the change that the letter tells of, and, for reviewers, what
// it knows of the user. That it cannot be asked is said as well, and no error; and
// so is that there is none, where a person makes the change.
func (in *Intake) WithDirectory(ctx context.Context, o Outbound) (Outbound, error) {
	switch o.Template {
	case Approved, Granted, Ended, Revoked:
		if in.Directory == nil {
			o.Facts.ByHand = o.Template != Approved || o.Facts.Runs.IsZero() // else nothing is to change
			return o, nil
		}
		open, err := in.store.OpenActions(ctx, o.Ref)
		o.Facts.Waiting = len(open) > 0
		return o, err
	case Review, Reminder:
		if in.Directory == nil {
			return o, nil
		}
		o.Facts.Account = in.AccountOf(ctx, o.Facts.Subject.Email)
	}
	return o, nil
}

func (in *Intake) askToApply(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	return in.alert(ctx, tx, now, kindDirectory, "Exempt "+e.Subject.Email+" from MFA now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email, "Until: "+in.moment(e.EndsAt),
		"mfabot does not change the directory. Exempt the user there; you will be told when to take it back.")
}

func (in *Intake) askToRemove(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	return in.alert(ctx, tx, now, kindDirectory, "End the MFA exemption of "+e.Subject.Email+" now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email,
		"mfabot does not change the directory. The exception is over: take the exemption back there.")
}
