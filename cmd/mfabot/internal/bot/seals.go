package bot

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

const (
	lapsedEvery = time.Hour      // how often it is looked whether an exception is over by the audit alone
	checkEvery  = 24 * time.Hour // how often everything is checked
	tellEvery   = time.Hour      // how often the operator is told at most
	noteEvery   = time.Minute    // how often it is noted beside the key how far the database has come
	maxRefused  = 30             // lines of an alert
)

// seals is what is known of rows that are not as they were written. It is kept in memory, since whoever wrote those
// can write whatever else the database has.
type seals struct {
	mu      sync.Mutex
	looked  time.Time
	checked time.Time
	told    time.Time
	untold  []string
	faults  int // of the audit, that are told

	noting    time.Time
	following bool
	noted     *store.Noted               // how far the database had come, at least
	unnoted   bool                       // the note cannot be written, which is logged
	shortTold bool                       // the operator was told that the database is shorter than that
	short     atomic.Pointer[page.Alarm] // that it is, for who may not wait
}

// due reports whether something is to be done again that was done at last, also where the clock has been put back.
func due(last, now time.Time, every time.Duration) bool {
	return last.IsZero() || now.Sub(last) >= every || last.After(now)
}

// checkSeals checks everything that is sealed once a day, and tells the operator of what is not as it was written: in
// one alert an hour, however much that is.
func (b *Bot) checkSeals(ctx context.Context) error {
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	now := b.Clock()
	if err := b.followNote(ctx, now); err != nil {
		return err
	}
	if due(b.seals.checked, now, checkEvery) {
		if err := b.checkAll(ctx); err != nil {
			return err
		}
		b.seals.checked = now
	}
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
	var late error // of the directory, which must not keep the operator from hearing of it
	if due(b.seals.looked, now, lapsedEvery) {
		late = b.Enforcer.EndLapsed(ctx)
		b.seals.looked = now
	}
	return errors.Join(b.tellSeals(ctx, now), late)
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
	key.Used, key.Rows, key.Noted = true, true, nil // as the start has seen to, and followNote does
	found, err := b.Store.CheckAudit(ctx, key, "")
	if err != nil {
		return err
	}
	if n := len(found.Faults); n > b.seals.faults { // they stay, whatever is done
		b.seals.untold = append(b.seals.untold, fmt.Sprintf("the audit: faults: %d", n))
		b.seals.faults = n
	}
	if len(found.Rows) > 0 {
		if err := b.Store.SetAside(ctx, found.Rows); err != nil {
			return err
		}
	}
	for _, r := range found.Rows {
		b.counters.security.WithLabelValues(rowChanged).Inc()
		b.seals.untold = append(b.seals.untold, r.String())
	}
	return b.tellBeside(ctx, found.Beside)
}

// tellBeside tells the operator, once, of what others have added to the database that is no danger.
func (b *Bot) tellBeside(ctx context.Context, beside []string) error {
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

// followNote sees, once a minute, that the database has come as far at least as it had, and notes beside the key how far it has come
// now. Once it has not, the note stays as it is until a restore: every start says so again.
func (b *Bot) followNote(ctx context.Context, now time.Time) error {
	if b.seals.short.Load() != nil {
		return b.tellShort(ctx)
	}
	if !due(b.seals.noting, now, noteEvery) {
		return nil
	}
	if !b.seals.following {
		if err := b.beginNote(ctx); err != nil {
			return err
		}
		b.seals.following = true
	}
	if had := b.seals.noted; had != nil {
		short, err := b.Store.ShortOf(ctx, *had)
		if err != nil {
			return err
		}
		if short != nil {
			b.seals.short.Store(&page.Alarm{What: "database: an older copy was put in its place, noticed at", At: now, Said: shortBy(b.Service.Moment, *had, short)})
			b.log.Error("an older copy of the database was put in its place", "what", b.seals.short.Load().Said)
			return b.tellShort(ctx)
		}
	}
	b.seals.noting = now
	return b.note(ctx)
}

// noteAtEnd is followNote for a bot that stops, and ran alone on the database.
func (b *Bot) noteAtEnd(ctx context.Context) {
	if b.lock == nil {
		return
	}
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	b.seals.noting = time.Time{}
	if err := b.followNote(ctx, b.Clock()); err != nil {
		b.log.Warn("it was not noted how far the database has come", "err", err)
	}
}

// beginNote takes up the note. The operator is told, once, that there is none any more.
func (b *Bot) beginNote(ctx context.Context) error {
	b.seals.noted = b.key.Noted
	lost := config.CheckNote(b.Settings.KeyFile())
	if !errors.Is(lost, config.ErrNoNote) {
		return lost
	}
	b.log.Warn("whether the database is an older copy cannot be told", "err", lost)
	return b.Outbox.AlertOperator(ctx, intake.AlertAudit, outbox.Cause{}.Do(
		"If the database was moved to this machine without the file, nothing need be done: it is written anew.",
		"Otherwise see who can write in "+filepath.Dir(b.Settings.NoteFile())+", and compare who is exempt with the exceptions: "+
			"mfabot reconcile, or mfabot exceptions --state active."),
		"Is the database an older copy? That cannot be told",
		"There is no file "+b.Settings.NoteFile()+" any more that mfabot wrote. It says how far the database had come.",
		"If somebody has put an older copy of the database in its place, what was recorded since is gone.")
}

// note writes beside the key how far the database has come. Where that cannot be written it is known until the bot stops.
func (b *Bot) note(ctx context.Context) error {
	now, err := b.Store.HowFar(ctx)
	if had := b.seals.noted; err != nil || now == nil || had != nil && now.Entry <= had.Entry {
		return err
	}
	b.seals.noted = now
	if err = config.WriteNoted(b.Settings.KeyFile(), *now); err != nil && !b.seals.unnoted {
		b.log.Warn("it cannot be noted how far the database has come: an older copy in its place is not noticed at the next start",
			"err", err)
	}
	b.seals.unnoted = err != nil
	return nil
}

// shortBy says in words what is missing.
func shortBy(moment func(time.Time) string, had store.Noted, short *store.AuditFault) string {
	if short.What == store.OtherName {
		return string(short.What)
	}
	words := fmt.Sprintf("mfabot had come to entry %d of the audit, of %s; ", had.Entry, moment(had.At))
	if short.What == store.OlderCopy {
		return words + fmt.Sprintf("the database ends with entry %d", short.First-1)
	}
	return words + "the database has another one there"
}

// tellShort tells the operator, once, that an older copy of the database is in its place.
func (b *Bot) tellShort(ctx context.Context) error {
	if b.seals.shortTold {
		return nil
	}
	todo := outbox.Cause{Urgent: true}.Do(
		"Compare who is exempt with who should be, today: mfabot reconcile, or mfabot exceptions --state active.",
		"Stop the bot, and put the newest database that you have in its place: mfabot restore FILE.",
		"Or to go on with this one: mfabot backup COPY, stop the bot, mfabot restore COPY. That is put on record, and ends this alarm.",
		"If nobody of yours did this, see who can write to "+b.Settings.Database+".")
	err := b.Outbox.AlertOperator(ctx, intake.AlertAudit, todo, "An older copy of the database was put in its place",
		"Database: "+b.Settings.Database, b.seals.short.Load().Said+".",
		"What was recorded since is gone. Somebody may be exempt whose exception was ended or revoked.")
	b.seals.shortTold = err == nil
	return err
}
