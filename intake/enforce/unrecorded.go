package enforce

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"mfabot/intake"
)

// unrecorded is what was tried in the directory while nothing could be put on record.
type unrecorded struct {
	mu    sync.Mutex
	tried map[string]attempt // by reference
}

// attempt is how the attempts to end one exemption stand.
type attempt struct {
	n    int
	done time.Time // when the directory took it; zero if it has not
	due  time.Time // the next one
}

// Exempted is what tells who is exempt of a database that cannot be opened: as Enforced has it.
type Exempted interface {
	ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error)
	OverExemptions(ctx context.Context, now time.Time) ([]intake.Action, error)
}

// readOnly is an Enforced that only knows who is exempt.
type readOnly struct {
	Exempted
	Enforced // nil
}

// ActiveExceptions and OverExemptions are those of the Exempted.
func (r readOnly) ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error) {
	return r.Exempted.ActiveExceptions(ctx, now)
}

func (r readOnly) OverExemptions(ctx context.Context, now time.Time) ([]intake.Action, error) {
	return r.Exempted.OverExemptions(ctx, now)
}

// NewEnder returns an Enforcer of which only EndUnrecorded can be called, for a database that cannot be opened. Nothing
// but the clock is needed of the service.
func NewEnder(s *intake.Service, d Directory, store Exempted, log *slog.Logger) *Enforcer {
	return New(Config{Service: s, Directory: d, Store: readOnly{Exempted: store}, Log: log})
}

// EndUnrecorded ends exemptions that are over in the directory, while the database can be read but not
// written. Nothing is put on record: that is left to Enforce, which asks the directory once more as soon as it
// can. Only the end of an exemption may go ahead of its record, since what is not on record must never exempt
// anybody. If there is no directory, it is only logged.
func (f *Enforcer) EndUnrecorded(ctx context.Context) error {
	u := &f.unrecorded
	u.mu.Lock()
	defer u.mu.Unlock()
	over, err := f.store.OverExemptions(ctx, f.ReadClock())
	if err != nil {
		return err
	}
	maps.DeleteFunc(u.tried, func(ref string, _ attempt) bool { // on record by now
		return !slices.ContainsFunc(over, func(a intake.Action) bool { return a.Ref == ref })
	})
	for _, a := range over {
		t, now := u.tried[a.Ref], f.ReadClock()
		if !t.done.IsZero() || now.Before(t.due) && t.due.Sub(now) <= waits.Longest {
			continue
		}
		if f.directory == nil {
			f.log.Error("an exemption is over, and the operator cannot be written to: end it by hand", "ref", a.Ref, "user", a.User)
			t.done = now
			u.tried[a.Ref] = t
			continue
		}
		failed := f.callDirectory(ctx, &a)
		t.n++
		if failed != nil {
			t.due = now.Add(min(actionWait(t.n, failed), waits.Longest))
			f.log.Error("an exemption is over, and could be neither ended in the directory nor put on record", "ref", a.Ref, "err", failed)
		} else {
			t.done = now
			f.log.Warn("an exemption was ended in the directory, and could not be put on record yet", "ref", a.Ref)
		}
		u.tried[a.Ref] = t
		if failed != nil && isTemporary(failed) {
			return fmt.Errorf("directory: %w", failed)
		}
	}
	return nil
}

// endedBefore says in words that a removal was made before it could be recorded; empty if it was not.
func (f *Enforcer) endedBefore(a intake.Action) string {
	u := &f.unrecorded
	u.mu.Lock()
	defer u.mu.Unlock()
	t := u.tried[a.Ref]
	if a.Kind != intake.ToRemove || t.done.IsZero() {
		return ""
	}
	return "; first at " + t.done.UTC().Format(time.RFC3339) + ", when it could not be put on record"
}
