package bot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/intake"
	"mfabot/store"
)

// Run runs every loop until ctx ends or the database is broken, and waits for them.
func (b *Bot) Run(ctx context.Context) error {
	b.log.Info("running", "mailboxes", len(b.Watchers))
	defer followToEnd(context.WithoutCancel(ctx), b)
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range b.Watchers {
		g.Go(func() error {
			return w.Run(ctx, readEvery, intake.Backoff{First: time.Second, Longest: 5 * time.Minute})
		})
	}
	if addr := b.Settings.Service.Listen; addr != "" {
		g.Go(func() error { return b.listen(ctx, addr) })
	}
	g.Go(func() error { return b.tellSystemd(ctx) })
	g.Go(func() error { return b.watchSites(ctx) })
	g.Go(func() error { return b.loop(ctx, "sweep", sweepEvery, nil, b.byTheClock(b.Sweep)) })
	g.Go(func() error { return b.loop(ctx, "check", sweepEvery, nil, b.byTheClock(b.Check)) })
	g.Go(func() error { return b.loop(ctx, "directory", sendEvery, nil, b.byTheClock(b.Enforce)) })
	g.Go(func() error { return b.loop(ctx, "purge", purgeEvery, nil, b.byTheClock(nightOf(b))) })
	g.Go(func() error { return b.loop(ctx, "send", sendEvery, b.nudge, b.send) })
	if b.backups != nil {
		g.Go(func() error { return b.backups.Run(ctx) })
	}
	g.Go(func() error { return b.loop(ctx, "alarm", alarmEvery, nil, b.lookout.step) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("run: %w", err), alarmOfEnd(context.WithoutCancel(ctx), b, err))
	}
	return nil
}

// alarmOfEnd tells who runs the bot that it ends by itself, as over a database that is damaged, by the ways that are configured
// for that: no email goes out any more.
func alarmOfEnd(ctx context.Context, b *Bot, why error) error {
	w := intake.Way{Name: "mfabot", Since: b.Clock(), Why: intake.MaskCodes(why.Error())}
	return raise(ctx, b.Settings.Alarm, alarmOf(b.Settings, w, isBroken, b.Clock()))
}

// Settle steps every part until nothing is left to do now. A part that fails is not stepped again, and the
// others go on. Failures are returned at the end, or at once if the database is broken.
func (b *Bot) Settle(ctx context.Context) error {
	defer followToEnd(context.WithoutCancel(ctx), b)
	steps := []func(context.Context) (int, error){b.byTheClock(b.Check), b.byTheClock(b.Sweep), b.byTheClock(nightOf(b))}
	for i, w := range b.Watchers {
		steps = append(steps, func(ctx context.Context) (int, error) {
			defer b.clock.look(b.Settings.Mailboxes[i].Name, b.Service.ReadClock())
			return w.Step(ctx)
		})
	}
	steps = append(steps, b.byTheClock(b.Enforce), b.send)
	if b.backups != nil {
		steps = append(steps, b.backups.Step)
	}
	steps = append(steps, b.lookout.step)
	failed := make([]error, len(steps))
	for {
		n, undecided := 0, false
		for i, step := range steps {
			if failed[i] == nil {
				var done int
				done, failed[i] = step(ctx)
				n += done
				undecided = undecided || b.clock.verdict() == clockUnknown
				if broken(failed[i]) {
					return failed[i]
				}
			}
		}
		if n == 0 && !undecided { // about the clock: it is known once every mailbox was looked at
			return errors.Join(failed...)
		}
	}
}

// byTheClock is a step that does what depends on the time, unless the clock cannot be trusted. A database that cannot say
// keeps nothing from ending.
func (b *Bot) byTheClock(step func(context.Context) (int, error)) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		trusted, err := b.trustClock(ctx)
		if !trusted && (err == nil || b.clock.verdict() != clockTrusted) {
			return 0, err
		}
		return step(ctx)
	}
}

// Sweep is one step of what falls due as time passes, the checkpoint of the day and the letter of the month included.
func (b *Bot) Sweep(ctx context.Context) (int, error) {
	n, err := b.Panel.Sweep(ctx)
	if err == nil {
		err = b.Keeper.Checkpoint(ctx)
	}
	if err == nil {
		err = b.checkSeals(ctx)
	}
	if err == nil {
		err = b.Monthly.Write(ctx)
	}
	return n, b.endAnyway(ctx, err)
}

// nightOf is one step of the night's purge, the old copies of the database included. As long as the clock may be far ahead, by what is on
// record, none of these goes.
func nightOf(b *Bot) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		n, err := b.Keeper.Night(ctx)
		if err != nil || n > 0 {
			return n, err
		}
		over, err := backups.OverAt(b.Settings, b.Clock())
		if err != nil || len(over) == 0 {
			return 0, err
		}
		if sure, err := b.Keeper.WasAtWork(ctx); err != nil || !sure {
			return 0, err
		}
		return len(over), PurgeCopies(ctx, b, "", over)
	}
}

// PurgeCopies removes old copies of the database, and puts on record that it did. as names the operator who has it done.
func PurgeCopies(ctx context.Context, b *Bot, as string, over []backups.Old) error {
	for _, old := range over {
		err := b.Store.Update(ctx, func(tx *store.Tx) error {
			err := tx.Record(ctx, intake.HistoryEntry{At: b.Clock(), Event: intake.EventPurged, By: as,
				Text: filepath.Base(old.File) + ", " + old.Told()})
			if err != nil {
				return err
			}
			return old.Remove()
		})
		if err != nil {
			return err
		}
		b.log.Info("an old copy of the database was removed", "file", old.File, "made", old.Made)
	}
	return nil
}

// Enforce is one step of telling the directory what has changed, and of the daily comparison with it.
func (b *Bot) Enforce(ctx context.Context) (int, error) {
	n, err := b.Enforcer.Enforce(ctx, "")
	if err == nil {
		err = b.Enforcer.CompareDaily(ctx)
	}
	return n, b.endAnyway(ctx, err)
}

// endAnyway ends what is over in the directory, if the database is in trouble that keeps it from recording
// that first, as a full disk does. It returns err, with what went wrong in that.
func (b *Bot) endAnyway(ctx context.Context, err error) error {
	if trouble := store.TroubleOf(err); trouble == nil || !trouble.Passes {
		return err
	}
	return errors.Join(err, b.Enforcer.EndUnrecorded(ctx))
}

// send is one step of the sender, as soon as the rate limit allows it.
func (b *Bot) send(ctx context.Context) (int, error) {
	if err := wait(ctx, b.Sender.NextAt().Sub(b.Clock()), nil); err != nil {
		return 0, err
	}
	n, err := b.Sender.Step(ctx)
	if b.Attachments.broken != nil {
		err = b.Attachments.broken
	}
	return n, err
}

// How often each loop looks if nothing tells it to look sooner.
const (
	readEvery  = time.Minute
	sweepEvery = 30 * time.Second
	sendEvery  = 5 * time.Second
	purgeEvery = time.Minute
	alarmEvery = 30 * time.Second
)

// loop steps until nothing is left to do, then waits for every or for the nudge. A step that fails is logged
// and tried again after the wait, unless the database is broken: that error is returned.
func (b *Bot) loop(ctx context.Context, name string, every time.Duration, nudge <-chan struct{},
	step func(context.Context) (int, error)) error {
	step = b.counters.timed(name, step)
	for {
		b.pulse.beat(name)
		n, err := step(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.troubles.note(name, err)
		if broken(err) {
			return err
		}
		if n > 0 && err == nil {
			continue
		}
		sooner := nudge
		if err != nil {
			b.log.Warn(name+" failed", "err", err, "again_in", every)
			sooner = nil
		}
		if err := wait(ctx, every, sooner); err != nil {
			return err
		}
	}
}

// nudgeSender has the sender look for letters at once.
func (b *Bot) nudgeSender() {
	select {
	case b.nudge <- struct{}{}:
	default: // it is about to look
	}
}

// wait returns after d or at the nudge, or with the error of ctx when that ends.
func wait(ctx context.Context, d time.Duration, nudge <-chan struct{}) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-nudge:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// BoundMemory limits the memory of the process to the largest message of each mailbox and memoryBeside. Go
// would otherwise let memory double before it collects garbage, which with large messages is half as much
// again. The limit is soft: work that needs more gets it. GOMEMLIMIT takes precedence.
func (b *Bot) BoundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryBeside + int64(len(b.Watchers))*b.Settings.Policy.MaxMessage)
	}
}

// memoryBeside is what the bot needs apart from the messages it reads, in bytes.
const memoryBeside = 24 << 20
