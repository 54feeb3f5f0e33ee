package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

const (
	lapsedEvery = time.Hour      // how often it is looked whether an exception is over by the audit alone
	checkEvery  = 24 * time.Hour // how often everything is checked
	tellEvery   = time.Hour      // how often the operator is told at most
	maxRefused  = 30             // lines of an alert
)

// seals is what is known of rows that are not as they were written. It is kept in memory, since whoever wrote those
// can write whatever else the database has.
type seals struct {
	looked, checked time.Time // Check's own

	mu     sync.Mutex
	told   time.Time
	untold []string
	faults int // of the audit, that are told
}

// due reports whether something is to be done again that was done at last, also where the clock has been put back.
func due(last, now time.Time, every time.Duration) bool {
	return last.IsZero() || now.Sub(last) >= every || last.After(now)
}

// Check looks once an hour whether an exception is over by the audit alone, and checks once a day everything that is sealed. Both
// read all that is on record, which takes minutes where that is much: so nothing else waits for them. What they find is told by
// the next Sweep. It always returns 0. Only one goroutine may use it.
func (b *Bot) Check(ctx context.Context) (int, error) {
	now := b.Clock()
	var late error // of the directory, which must not keep the rest from being checked
	if due(b.seals.looked, now, lapsedEvery) {
		late = b.Enforcer.EndLapsed(ctx)
		b.seals.looked = now
	}
	if due(b.seals.checked, now, checkEvery) {
		if err := b.checkAll(ctx); err != nil {
			return 0, errors.Join(late, err)
		}
		b.seals.checked = now
	}
	return 0, late
}

// checkSeals sets aside what was found not to be as it was written, and tells the operator of it: in one alert an hour, however
// much that is.
func (b *Bot) checkSeals(ctx context.Context) error {
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	now := b.Clock()
	refused := b.Store.Refusals()
	if len(refused) > 0 {
		if err := b.Store.SetAside(ctx, refused); err != nil {
			return err
		}
	}
	for _, r := range refused {
		b.counters.security.WithLabelValues(rowChanged).Inc()
		b.log.Error("a row is not as it was written, and is not acted on", "table", r.Table, "row", r.Key, "what", string(r.What))
		b.seals.untold = append(b.seals.untold, r.String())
	}
	return b.tellSeals(ctx, now)
}

// tellSeals tells the operator what is not as it was written, once an hour.
func (b *Bot) tellSeals(ctx context.Context, now time.Time) error {
	if len(b.seals.untold) == 0 || !due(b.seals.told, now, tellEvery) {
		return nil
	}
	lines := []string{"Somebody else than mfabot has written to the database. What is listed below is not acted on: nobody is " +
		"exempt by it, and nothing is sent or decided. The rest goes on."}
	todo := outbox.Cause{}.Do(
		"Find out who can write to "+b.Settings.Database+", and stop it. This lists all there is: mfabot audit verify",
		"Where a user whom it concerns needs an exception today, give a new one: mfabot grant. Or put back a copy of the "+
			"database from a backup.")
	lines = append(lines, b.seals.untold[:min(len(b.seals.untold), maxRefused)]...)
	if more := len(b.seals.untold) - maxRefused; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", more))
	}
	if err := b.Outbox.AlertOperator(ctx, intake.AlertSeals, todo, "The database was changed by somebody else", lines...); err != nil {
		return err
	}
	b.seals.told, b.seals.untold = now, nil
	return nil
}

// checkAll checks the audit, and all rows that are acted on.
func (b *Bot) checkAll(ctx context.Context) error {
	key := b.key
	key.Used, key.Rows = true, true // as the start has seen to
	found, err := b.Store.CheckAudit(ctx, key, "")
	if err != nil {
		return err
	}
	if len(found.Rows) > 0 {
		if err := b.Store.SetAside(ctx, found.Rows); err != nil {
			return err
		}
	}
	noteFound(b, found)
	return tellBeside(ctx, b, found.Beside)
}

// noteFound keeps what was found until it is told.
func noteFound(b *Bot, found *store.Audited) {
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	if n := len(found.Faults); n > b.seals.faults { // they stay, whatever is done
		b.seals.untold = append(b.seals.untold, fmt.Sprintf("the audit: faults: %d", n))
		b.seals.faults = n
	}
	for _, r := range found.Rows {
		b.counters.security.WithLabelValues(rowChanged).Inc()
		b.seals.untold = append(b.seals.untold, r.String())
	}
}

// tellBeside tells the operator, once, of what others have added to the database that is no danger.
func tellBeside(ctx context.Context, b *Bot, beside []string) error {
	if len(beside) == 0 {
		return nil
	}
	all := strings.Join(beside, ", ")
	return b.Store.Update(ctx, func(tx *store.Tx) error {
		err := tx.Once(ctx, "beside", all)
		if errors.Is(err, intake.ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		b.log.Warn("somebody has added tables or indexes to the database", "what", all)
		return b.Outbox.Alert(ctx, letters(tx, b.Clock()), intake.AlertSeals, outbox.Cause{}, "Somebody has added to the database",
			"The database "+b.Settings.Database+" has what mfabot did not make: "+all+".",
			"It changes nothing of what mfabot does, and everything goes on. If it is not yours, see who can write to the database.",
			"An update of mfabot may need such a name for itself. Keep what is yours in a database of its own.")
	})
}
