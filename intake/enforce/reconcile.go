package enforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Drift is how the directory differs from the exceptions. Users with an open action are not part of it.
type Drift struct {
	Strays    []intake.Member    // exempt, but without an active exception
	Unapplied []intake.Exception // active, but the user is not exempt
}

// Empty reports whether the directory and the exceptions agree.
func (d Drift) Empty() bool { return len(d.Strays) == 0 && len(d.Unapplied) == 0 }

// ErrNoDirectory is returned when no directory is configured.
var ErrNoDirectory = errors.New("no directory is configured: expected a [directory] table")

// listFor bounds the listing of a directory's members.
const listFor = 5 * time.Minute

// Drift compares the directory with the exceptions. ErrNoDirectory if there is no directory.
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
	// An exception that ends meanwhile has an open action by then, so drift passes over its user.
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
		pending[a.User], pending[intake.UserKey(a.User)] = true, true
	}
	for _, e := range active {
		user, key := e.User.Email, intake.UserKey(e.User.Email)
		entitled[user], entitled[key] = true, true
		if !exempt[user] && !exempt[key] && !pending[user] {
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

// Mend brings the directory into line with the exceptions: it expels the strays now, and queues the unapplied
// exceptions for Enforce. If the directory fails to expel one, Mend goes on with the others. as is who asked
// for it.
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

// expelled records that a stray was expelled. If they were granted an exception meanwhile, it is applied
// again.
func (f *Enforcer) expelled(ctx context.Context, m intake.Member, as string) error {
	return f.update(ctx, func(tx Tx) error {
		entry := intake.HistoryEntry{At: tx.Now, Event: intake.EventExpelled, By: as,
			Text: m.String() + " had no active exception"}
		if err := tx.Record(ctx, entry); err != nil {
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

// applyAgain queues an exception to be applied, if it is active.
func (f *Enforcer) applyAgain(ctx context.Context, tx Tx, e intake.Exception, as string) error {
	latest, err := tx.Exception(ctx, e.Ref) // it may have changed since it was read
	if err != nil || latest.StateAt(tx.Now) != intake.Active {
		return err
	}
	entry := intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventReconciled, By: as,
		Text: e.User.Email + " was not exempt in the directory"}
	if err := tx.Record(ctx, entry); err != nil {
		return err
	}
	return tx.AddAction(ctx, &intake.Action{
		Ref: e.Ref, User: latest.User.Email, Kind: intake.ToApply, CreatedAt: tx.Now, DueAt: tx.Now,
	})
}

const (
	compareFrom  = 6                // o'clock, in the policy's time zone: when the daily comparison is due
	comparePause = 10 * time.Minute // after which one that failed is tried again
	maxDrift     = 50               // lines of each kind in an alert
)

// CompareDaily compares the directory with the exceptions once a day, and tells the operator how they differ.
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
		var lines []string
		for _, m := range d.Strays[:min(len(d.Strays), maxDrift)] {
			lines = append(lines, "Exempt without an active exception: "+m.String())
		}
		for _, e := range d.Unapplied[:min(len(d.Unapplied), maxDrift)] {
			lines = append(lines, "Active and not exempt: "+e.Ref+" for "+e.User.Email)
		}
		if left := max(len(d.Strays)-maxDrift, 0) + max(len(d.Unapplied)-maxDrift, 0); left > 0 {
			lines = append(lines, fmt.Sprintf("And %d more: mfabot reconcile", left))
		}
		return f.out.Alert(ctx, tx.Work, intake.AlertDirectory,
			outbox.Cause{}.Do("To mend all of it: mfabot reconcile --fix --as NAME"), "The directory differs from the exceptions", lines...)
	})
	if err != nil && !errors.Is(err, intake.ErrStale) { // ErrStale: another process has done it today
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comparedOn = day
	return nil
}

// toCompare reports whether it is time to compare, and if so puts off the next try.
func (f *Enforcer) toCompare(now time.Time, day string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.comparedOn == day || (now.Before(f.compareAt) && f.compareAt.Sub(now) <= comparePause) {
		return false
	}
	f.compareAt = now.Add(comparePause)
	return true
}
