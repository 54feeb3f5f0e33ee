package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"mfabot/cmd/mfabot/internal/config"
)

// errReload is why a bot ends in whose place another goes on.
var errReload = errors.New("the configuration is taken anew")

// Reload reads the configuration and the files it names again, and where it is logged from then on.
type Reload func() (*config.Settings, *slog.Logger, error)

// RunReloading runs the bot until ctx ends, and closes it. At each signal it takes the configuration anew: a bot with that goes
// on in the place of the one before, on the same database and under the same lock, once that has finished what it had in hand.
// Whatever is wrong with the new one is logged, and the bot goes on as it is.
func RunReloading(ctx context.Context, b *Bot, signals <-chan os.Signal, reload Reload) error {
	for {
		next, err := runUntilReload(ctx, b, signals, reload)
		if next == nil {
			return errors.Join(err, b.Close())
		}
		if b, err = next.replace(ctx, b); err != nil {
			return err
		}
	}
}

// replacement is what a bot goes on with.
type replacement struct {
	settings *config.Settings
	log      *slog.Logger
}

// runUntilReload runs the bot until there is a configuration to go on with, or it ends.
func runUntilReload(ctx context.Context, b *Bot, signals <-chan os.Signal, reload Reload) (*replacement, error) {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(running) }()
	for {
		select {
		case err := <-ended:
			return nil, err
		case <-signals:
		}
		s, log, err := reload()
		if err == nil {
			err = mayReplace(ctx, b.Settings, s)
		}
		if err != nil {
			b.log.Error("the configuration was not taken, and the bot goes on as it is", "err", err)
			continue
		}
		stop(errReload)
		if err := <-ended; err != nil || ctx.Err() != nil {
			return nil, err
		}
		return &replacement{s, log}, nil
	}
}

// mayReplace returns what keeps a running bot from going on with other settings, as it would a start.
func mayReplace(ctx context.Context, is, next *config.Settings) error {
	if next.Database != is.Database {
		return fmt.Errorf("the database is another, %s in the place of %s: stop mfabot and start it", next.Database, is.Database)
	}
	_, err := Emails(next)
	err = errors.Join(next.CheckTrust(), next.CheckSecrets(), err)
	for _, source := range is.Tokens { // which is nowhere but in the bot that runs
		if _, why := source.Trouble(); why != nil {
			err = errors.Join(err, why)
		}
	}
	if addr := next.Service.Listen; addr != "" && addr != is.Service.Listen {
		err = errors.Join(err, CheckListen(ctx, addr))
	}
	return err
}

// replace returns a bot with other settings in the place of one that has stopped, or with the same, if it cannot be put
// together with those.
func (r *replacement) replace(ctx context.Context, old *Bot) (*Bot, error) {
	lock := old.lock
	old.lock = nil // which goes on
	if err := old.Close(); err != nil {
		old.log.Warn("the bot was not closed well", "err", err)
	}
	b, err := r.bot(ctx)
	if err != nil && ctx.Err() == nil {
		old.log.Error("the configuration was not taken, and the bot goes on with the one before", "err", err)
		b, err = (&replacement{old.Settings, old.log}).bot(ctx)
	}
	if err != nil {
		if lock != nil {
			err = errors.Join(err, lock.Release())
		}
		return nil, err
	}
	b.lock = lock
	b.lookout.raised, b.lookout.owed = old.lookout.raised, old.lookout.owed
	return b, nil
}

// bot is one with the settings.
func (r *replacement) bot(ctx context.Context) (*Bot, error) {
	logStart(r.log, "taking the configuration anew", r.settings)
	warn(r.settings, r.log)
	begun := time.Now()
	return New(ctx, r.settings, Surroundings{Clock: r.settings.Now, Log: r.log, Elapsed: func() time.Duration { return time.Since(begun) }})
}
