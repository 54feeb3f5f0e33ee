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
func (p *Panel) apply(ctx context.Context, tx ReviewTx, e *Exception, exempt bool) error {
	if p.directory {
		return tx.AddAction(ctx, &Action{Ref: e.Ref, User: e.Subject.Email, Kind: ToApply, CreatedAt: tx.Now, DueAt: tx.Now})
	}
	if exempt {
		return nil
	}
	return p.out.askToApply(ctx, tx.Work, e)
}

// remove has an exception that is over removed where MFA is enforced.
func (p *Panel) remove(ctx context.Context, tx ReviewTx, e *Exception) error {
	if p.directory {
		return tx.AddAction(ctx, &Action{Ref: e.Ref, User: e.Subject.Email, Kind: ToRemove, CreatedAt: tx.Now, DueAt: tx.Now})
	}
	return p.out.askToRemove(ctx, tx.Work, e)
}

// WithDirectory completes a letter that goes out now with what the directory says:
// whether it has made the change that the letter tells of, and, for reviewers, what
// it knows of the user. That it cannot be asked is said as well, and no error; and
// so is that there is none, where a person makes the change.
func (f *Enforcer) WithDirectory(ctx context.Context, o Outbound) (Outbound, error) {
	switch o.Template {
	case Approved, Granted, Ended, Revoked:
		if f.directory == nil {
			o.Facts.ByHand = o.Template != Approved || o.Facts.Runs.IsZero() // else nothing is to change
			return o, nil
		}
		open, err := f.store.OpenActions(ctx, o.Ref)
		o.Facts.Waiting = len(open) > 0
		return o, err
	case Review, Reminder:
		if f.directory == nil {
			return o, nil
		}
		o.Facts.Account = f.AccountOf(ctx, o.Facts.Subject.Email)
	}
	return o, nil
}

func (out *Outbox) askToApply(ctx context.Context, w Work, e *Exception) error {
	return out.alert(ctx, w, kindDirectory, "Exempt "+e.Subject.Email+" from MFA now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email, "Until: "+out.moment(e.EndsAt),
		"mfabot does not change the directory. Exempt the user there; you will be told when to take it back.")
}

func (out *Outbox) askToRemove(ctx context.Context, w Work, e *Exception) error {
	return out.alert(ctx, w, kindDirectory, "End the MFA exemption of "+e.Subject.Email+" now",
		"Reference: "+e.Ref, "For: "+e.Subject.Email,
		"mfabot does not change the directory. The exception is over: take the exemption back there.")
}
