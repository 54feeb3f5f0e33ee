package enforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
)

// Drift is where the directory and the exceptions differ. What the directory is
// still to be told of is no difference.
type Drift struct {
	Strays    []intake.Member    // exempt without an active exception
	Unapplied []intake.Exception // active, and the user is not exempt
}

// Empty reports whether there is no difference.
func (d Drift) Empty() bool { return len(d.Strays) == 0 && len(d.Unapplied) == 0 }

// ErrNoDirectory says that no directory is configured.
var ErrNoDirectory = errors.New("no directory is configured: expected a [directory] table")

// listFor bounds the listing of a directory's members.
const listFor = 5 * time.Minute

// Drift compares the directory with the exceptions.
func (f *Enforcer) Drift(ctx context.Context) (Drift, error) {
	if f.directory == nil {
		return Drift{}, ErrNoDirectory
	}
	listing, cancel := context.WithTimeout(ctx, listFor)
	defer cancel()
	members, err := f.directory.Members(listing)
	if err != nil {
		return Drift{}, fmt.Errorf("directory: %w", err)
	}
	// Those that end meanwhile have an action by then, and are passed over.
	active, err := f.store.ActiveExceptions(ctx, f.ReadClock())
	if err != nil {
		return Drift{}, err
	}
	open, err := f.store.OpenActions(ctx, "")
	return drift(members, active, open), err
}

func drift(members []intake.Member, active []intake.Exception, open []intake.Action) Drift {
	var d Drift
	exempt, entitled, pending := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, m := range members {
		for _, addr := range m.Addresses {
			exempt[addr] = true
		}
	}
	for _, a := range open {
		pending[a.User] = true
	}
	for _, e := range active {
		entitled[e.User.Email] = true
		if !exempt[e.User.Email] && !pending[e.User.Email] {
			d.Unapplied = append(d.Unapplied, e)
		}
	}
	for _, m := range members {
		if !slices.ContainsFunc(m.Addresses, func(addr string) bool { return entitled[addr] || pending[addr] }) {
			d.Strays = append(d.Strays, m)
		}
	}
	return d
}

// Mend makes the directory what the exceptions say: strays are taken out now, and
// what is not applied is queued for Enforce. It goes on when one fails.
func (f *Enforcer) Mend(ctx context.Context, d Drift, as string) error {
	var failed []error
	for _, m := range d.Strays {
		calling, cancel := context.WithTimeout(ctx, callFor)
		err := f.directory.Expel(calling, m.ID)
		cancel()
		if err != nil {
			failed = append(failed, fmt.Errorf("directory: %s: %w", m, err))
			continue
		}
		if err := f.expelled(context.WithoutCancel(ctx), m, as); err != nil {
			return errors.Join(append(failed, err)...)
		}
	}
	return errors.Join(append(failed, f.update(ctx, func(tx Tx) error {

		for _, e := range d.Unapplied {
			if err := f.applyAgain(ctx, tx, e, as); err != nil {
				return err
			}
		}
		return nil
	}))...)
}

// expelled puts on record that a stray was taken out. Who was granted an exception
// meanwhile is exempted again.
func (f *Enforcer) expelled(ctx context.Context, m intake.Member, as string) error {
	return f.update(ctx, func(tx Tx) error {

		if err := tx.Record(ctx, intake.HistoryEntry{At: tx.Now, Event: intake.EventExpelled, By: as, Text: m.String() + " had no active exception"}); err != nil {
			return err
		}
		for _, addr := range m.Addresses {
			unclosed, err := tx.Unclosed(ctx, addr)
			if err != nil {
				return err
			}
			for _, e := range unclosed {
				if err := f.applyAgain(ctx, tx, e, as); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// applyAgain queues an active exception to be applied.
func (f *Enforcer) applyAgain(ctx context.Context, tx Tx, e intake.Exception, as string) error {
	latest, err := tx.Exception(ctx, e.Ref) // it may have been decided on since it was read
	if err != nil || latest.StateAt(tx.Now) != intake.Active {
		return err
	}
	return errors.Join(
		tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventReconciled, By: as, Text: e.User.Email + " was not exempt in the directory"}),
		tx.AddAction(ctx, &intake.Action{Ref: e.Ref, User: latest.User.Email, Kind: intake.ToApply, CreatedAt: tx.Now, DueAt: tx.Now}),
	)
}

// The daily comparison is made from compareFrom on, in the policy's time zone; one that fails is tried again after comparePause.
const (
	compareFrom  = 6 // o'clock
	comparePause = 10 * time.Minute
	maxDrift     = 50 // lines of each kind in an alert
)

// CompareDaily tells the operator once a day where the directory and the
// exceptions differ.
func (f *Enforcer) CompareDaily(ctx context.Context) error {
	now := f.ReadClock()
	local := now.In(f.Policy.Zone)
	day := local.Format(time.DateOnly)
	if f.directory == nil || local.Hour() < compareFrom || !f.toCompare(now, day) {
		return nil
	}
	d, err := f.Drift(ctx)
	if err != nil {
		return err
	}
	err = f.update(ctx, func(tx Tx) error {
		if err := tx.Once(ctx, "compare", day); err != nil || d.Empty() {
			return err
		}
		lines := []string{"To mend all of it: mfabot reconcile --fix --as NAME"}
		for _, m := range d.Strays[:min(len(d.Strays), maxDrift)] {
			lines = append(lines, "Exempt without an active exception: "+m.String())
		}
		for _, e := range d.Unapplied[:min(len(d.Unapplied), maxDrift)] {
			lines = append(lines, "Active and not exempt: "+e.Ref+" for "+e.User.Email)
		}
		if left := max(len(d.Strays)-maxDrift, 0) + max(len(d.Unapplied)-maxDrift, 0); left > 0 {
			lines = append(lines, fmt.Sprintf("And %d more: mfabot reconcile", left))
		}
		return f.out.Alert(ctx, tx.Work, intake.AlertDirectory, "The directory differs from the exceptions", lines...)
	})
	if err != nil && !errors.Is(err, intake.ErrStale) { // else another has done it
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comparedOn = day
	return nil
}

// toCompare reports whether it is time to compare, and keeps the next try away.
func (f *Enforcer) toCompare(now time.Time, day string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.comparedOn == day || (now.Before(f.compareAt) && f.compareAt.Sub(now) <= comparePause) {
		return false
	}
	f.compareAt = now.Add(comparePause)
	return true
}
