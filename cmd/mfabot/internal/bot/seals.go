package bot

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
	maxRefused  = 30             // lines of an alert
)

// seals is what is known of rows that are not as they were written. It is kept in memory, since whoever wrote those
// can write whatever else the database has.
type seals struct {
	looked, checked time.Time // Check's own

	mu     sync.Mutex
	told   time.Time
	untold []string                  // rows
	broken int                       // faults of the audit, where some are not told
	faults map[store.AuditFault]bool // that are known
	course course
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
	if err := b.seals.course.follow(ctx, b, now); err != nil {
		return err
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
	return b.tellSeals(ctx, now)
}

// tellSeals tells the operator what is not as it was written, once an hour.
func (b *Bot) tellSeals(ctx context.Context, now time.Time) error {
	if len(b.seals.untold) == 0 && b.seals.broken == 0 || !due(b.seals.told, now, tellEvery) {
		return nil
	}
	lines := []string{"Somebody else than mfabot has written to the database."}
	steps := []string{"Find out who can write to " + b.Settings.Database + ", and stop it. This lists all there is: mfabot audit verify"}
	if b.seals.broken > 0 {
		lines = append(lines, fmt.Sprintf("In the audit: faults: %d. Entries were changed, taken out or put in. What it says is not to be "+
			"trusted: somebody may be exempt whose exception was ended or revoked.", b.seals.broken))
		steps = append(steps, "Compare who is exempt with who should be, today: mfabot reconcile, or mfabot exceptions --state active.")
	}
	if len(b.seals.untold) > 0 {
		lines = append(lines, "What is listed below is not acted on: nobody is exempt by it, and nothing is sent or decided. "+
			"The rest goes on.")
		lines = append(lines, b.seals.untold[:min(len(b.seals.untold), maxRefused)]...)
	}
	steps = append(steps, "Where a user whom it concerns needs an exception today, give a new one: mfabot grant. Or put back a copy of "+
		"the database from a backup.")
	if more := len(b.seals.untold) - maxRefused; more > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", more))
	}
	if err := b.Outbox.AlertOperator(ctx, intake.AlertSeals, outbox.Cause{}.Do(steps...), "The database was changed by somebody else",
		lines...); err != nil {
		return err
	}
	b.seals.told, b.seals.untold, b.seals.broken = now, nil, 0
	return nil
}

// checkAll checks the audit, and all rows that are acted on.
func (b *Bot) checkAll(ctx context.Context) error {
	key := b.key
	key.Used, key.Rows, key.Noted = true, true, b.seals.had(b) // as the start has seen to
	found, err := b.Store.CheckAudit(ctx, key, "")
	if err != nil {
		return err
	}
	if len(found.Rows) > 0 {
		if err := b.Store.SetAside(ctx, found.Rows); err != nil {
			return err
		}
	}
	noteFound(b, key.Noted, found)
	return tellBeside(ctx, b, found.Beside)
}

// had is how far the database had come, as course knows it.
func (s *seals) had(b *Bot) *store.Noted {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.course.begun {
		return b.key.Noted
	}
	return s.course.noted
}

// noteFound keeps what was found until it is told, in a database that had come so far.
func noteFound(b *Bot, had *store.Noted, found *store.Audited) {
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	faults := found.Faults
	if found.Short != nil { // of which course tells
		faults = slices.DeleteFunc(slices.Clone(faults), func(f store.AuditFault) bool { return f == *found.Short })
		b.seals.course.falls(b, *had, found.Short)
	}
	anew := slices.DeleteFunc(slices.Clone(faults), func(f store.AuditFault) bool { return b.seals.faults[f] })
	if len(anew) > 0 { // the others stay, whatever is done
		b.seals.broken = len(faults)
	}
	for _, f := range anew {
		if b.seals.faults == nil {
			b.seals.faults = make(map[store.AuditFault]bool)
		}
		b.seals.faults[f] = true
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

// noteEvery is how often it is noted beside the key how far the database has come.
const noteEvery = time.Minute

// course is how far the database had come: it goes on from there, and never begins again earlier.
type course struct {
	begun   bool
	looked  time.Time
	noted   *store.Noted               // so far, at least; nil where that is not known
	unnoted atomic.Bool                // the note cannot be written, which is logged
	told    bool                       // the operator was told what short says
	other   bool                       // what short says is of entries that are not whole, with which nobody can go on
	short   atomic.Pointer[page.Alarm] // an older copy is in the database's place; nil for none. Who reads it does not wait
}

// follow sees, once a minute, that the database has come as far at least as it had, and notes beside the key how far it has come
// now. Once it has not, the note stays as it is until a restore: every start says so again.
func (c *course) follow(ctx context.Context, b *Bot, now time.Time) error {
	if c.short.Load() != nil {
		return c.tell(ctx, b)
	}
	if !due(c.looked, now, noteEvery) {
		return nil
	}
	if !c.begun {
		if err := c.begin(ctx, b); err != nil {
			return err
		}
		c.begun = true
	}
	if key, err := config.ReadKey(b.Settings.KeyFile()); err == nil {
		c.noted = further(c.noted, key.Noted) // a command may have been at work
	}
	if had := c.noted; had != nil {
		short, err := b.Store.ShortOf(ctx, *had)
		if err != nil {
			return err
		}
		if short != nil {
			c.falls(b, *had, short)
			return c.tell(ctx, b)
		}
	}
	c.looked = now
	return c.note(ctx, b)
}

// falls keeps that the database has not come as far as it had, unless that is known.
func (c *course) falls(b *Bot, had store.Noted, short *store.AuditFault) {
	if c.short.Load() != nil {
		return
	}
	c.other = short.What == store.OtherPast
	c.short.Store(&page.Alarm{What: "database: an older copy was put in its place, noticed at", At: b.Clock(),
		Said: shortBy(b.Service.Moment, had, short)})
	b.log.Error("an older copy of the database was put in its place", "what", c.short.Load().Said)
}

// further is the one of two that has come further; nil for none.
func further(a, b *store.Noted) *store.Noted {
	if a == nil || b != nil && b.Entry > a.Entry {
		return b
	}
	return a
}

// followToEnd is follow for a bot that stops, and ran alone on the database.
func followToEnd(ctx context.Context, b *Bot) {
	if b.lock == nil {
		return
	}
	b.seals.mu.Lock()
	defer b.seals.mu.Unlock()
	b.seals.course.looked = time.Time{}
	if err := b.seals.course.follow(ctx, b, b.Clock()); err != nil {
		b.log.Warn("it was not noted how far the database has come", "err", err)
	}
}

// begin takes up the note. The operator is told, once, that there is none any more.
func (c *course) begin(ctx context.Context, b *Bot) error {
	c.noted = b.key.Noted
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
func (c *course) note(ctx context.Context, b *Bot) error {
	now, err := b.Store.NewestEntry(ctx)
	if had := c.noted; err != nil || now == nil || had != nil && now.Entry <= had.Entry {
		return err
	}
	c.noted = now
	c.wrote(b, config.ChangeNoted(b.Settings.KeyFile(), func(had *store.Noted) (*store.Noted, error) {
		if further(had, now) == had {
			return nil, nil
		}
		return now, nil
	}))
	return nil
}

// wrote logs, once, that the note cannot be written.
func (c *course) wrote(b *Bot, err error) {
	if err == nil {
		c.unnoted.Store(false)
	} else if !c.unnoted.Swap(true) {
		b.log.Warn("it cannot be noted how far the database has come: an older copy in its place is not noticed at the next start",
			"err", err)
	}
}

// takesAway reports whether somebody has less by an event than before, or is to be kept from losing something. What an older copy of
// the database would give back by not having it is noted beside the key at once, by whoever records it. What mfabot does again by
// itself, as a purge, need not be.
func takesAway(e intake.Event) bool {
	return slices.Contains([]intake.Event{intake.EventEnded, intake.EventRevoke, intake.EventSuperseded, intake.EventReject,
		intake.EventWithdraw, intake.EventClose, intake.EventErased, intake.EventHeld}, e)
}

// counting counts what a transaction has put on record, and sees to it that what takes something away is noted beside the key.
func counting(ctx context.Context, b *Bot) func([]store.Counted) {
	return func(all []store.Counted) {
		b.counters.count(all)
		if slices.ContainsFunc(all, func(c store.Counted) bool {
			return c.What == store.CountedEvent && takesAway(intake.Event(c.Of))
		}) {
			b.seals.course.wrote(b, noteAtOnce(ctx, b))
		}
	}
}

// noteAtOnce notes beside the key how far the database has come, for a command as well. It leaves alone what the bot is to tell of: an
// older copy of the database, and a note that is gone.
func noteAtOnce(ctx context.Context, b *Bot) error {
	file := b.Settings.KeyFile()
	if b.seals.course.short.Load() != nil {
		return nil
	}
	return config.ChangeNoted(file, func(had *store.Noted) (*store.Noted, error) {
		if had == nil {
			if err := config.CheckNote(file); errors.Is(err, config.ErrNoNote) {
				return nil, nil
			} else if err != nil {
				return nil, err
			}
		}
		if had != nil {
			if short, err := b.Store.ShortOf(ctx, *had); err != nil || short != nil {
				return nil, err
			}
		}
		now, err := b.Store.NewestEntry(ctx)
		if err != nil || further(had, now) == had {
			return nil, err
		}
		return now, nil
	})
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
	if short.What == store.OtherPast {
		return words + "what the database has on record up to there is not what mfabot had written: it is an older copy, or somebody " +
			"has taken entries out or put some in"
	}
	return words + "the database has another one there"
}

// tell tells the operator, once, that an older copy of the database is in its place.
func (c *course) tell(ctx context.Context, b *Bot) error {
	if c.told {
		return nil
	}
	steps := []string{"Compare who is exempt with who should be, today: mfabot reconcile, or mfabot exceptions --state active.",
		"Stop the bot, and put the newest database that you have in its place: mfabot restore FILE."}
	if !c.other {
		steps = append(steps, "Or to go on with this one: mfabot backup COPY, stop the bot, mfabot restore COPY. That is put on record, "+
			"and ends this alarm.")
	}
	steps = append(steps, "If nobody of yours did this, see who can write to "+b.Settings.Database+".")
	err := b.Outbox.AlertOperator(ctx, intake.AlertAudit, outbox.Cause{Urgent: true}.Do(steps...),
		"An older copy of the database was put in its place",
		"Database: "+b.Settings.Database, c.short.Load().Said+".",
		"What was recorded since is gone. Somebody may be exempt whose exception was ended or revoked.")
	c.told = err == nil
	return err
}
