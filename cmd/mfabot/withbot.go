package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

// app is what every command gets.
type app struct {
	stdout, stderr io.Writer
	configPath     string
}

// usageError says that the command line is wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// openBot reads the configuration and opens the bot.
func (a *app) openBot(ctx context.Context, n bot.Need) (*bot.Bot, error) {
	s, err := loadBeside(a.configPath)
	if err != nil {
		return nil, err
	}
	return bot.Open(ctx, s, n, newLog(a.stderr))
}

// loadBeside reads the configuration for a command beside which a bot may run.
func loadBeside(file string) (*config.Settings, error) {
	s, err := config.LoadBeside(file)
	if errors.As(err, new(config.Error)) {
		err = fmt.Errorf("%w\nnothing was changed, and a bot that is running goes on as it is", err)
	}
	return s, err
}

// body is what a command does.
type body = func(*cobra.Command, []string) error

// withBot is the body of a command that acts on what is on record.
func (a *app) withBot(do func(ctx context.Context, b *bot.Bot, args []string) error) body {
	return a.withBotOn(bot.Existing, do)
}

// withBotOn is withBot for a command that needs something else of the database.
func (a *app) withBotOn(n bot.Need, do func(ctx context.Context, b *bot.Bot, args []string) error) body {
	return func(c *cobra.Command, args []string) (err error) {
		b, err := a.openBot(c.Context(), n)
		if err != nil {
			return err
		}
		defer func() { err = bot.ExplainedFor(b.Settings, n, errors.Join(err, b.Close())) }()
		defer warnRefused(a.stderr, b.Store)
		if n == bot.Looking {
			if err := warnUnchecked(c.Context(), a.stderr, b.Settings, b.Store); err != nil {
				return err
			}
		}
		return do(c.Context(), b, args)
	}
}

// warnRefused names the rows that were left out, as somebody else than mfabot wrote them so.
func warnRefused(w io.Writer, db *store.Store) {
	for _, r := range db.Refusals() {
		fmt.Fprintf(w, "mfabot: warning: %s: it is left out; see: mfabot audit verify\n", printable(r.String()))
	}
}

// warnUnchecked says so where rows are shown as they are, since there is no key to check them with.
func warnUnchecked(ctx context.Context, w io.Writer, s *config.Settings, db *store.Store) error {
	if _, err := os.Stat(s.KeyFile()); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	sealed, err := db.Sealed(ctx)
	if sealed {
		fmt.Fprintf(w, "mfabot: warning: there is no key %s: whether somebody has changed what is shown could not be checked; "+
			"copy back the key that belongs to the database\n", s.KeyFile())
	}
	return err
}

// onStore is what a command does that needs no bot.
type onStore = func(ctx context.Context, db *store.Store, s *config.Settings) error

// withStore is the body of a command that only reads the database: what somebody else wrote to it is left out.
func (a *app) withStore(do onStore) body {
	return a.withStoreFrom(bot.OpenStore, func(ctx context.Context, db *store.Store, s *config.Settings) error {
		defer warnRefused(a.stderr, db)
		if err := warnUnchecked(ctx, a.stderr, s, db); err != nil {
			return err
		}
		return do(ctx, db, s)
	})
}

// withStoreFrom is withStore for a database that is opened in another way.
func (a *app) withStoreFrom(open func(context.Context, *config.Settings) (*store.Store, error), do onStore) body {
	return func(c *cobra.Command, _ []string) (err error) {
		s, err := loadBeside(a.configPath)
		if err != nil {
			return err
		}
		db, err := open(c.Context(), s)
		if err != nil {
			return err
		}
		defer func() { err = bot.ExplainedFor(s, bot.Looking, errors.Join(err, db.Close())) }()
		return do(c.Context(), db, s)
	}
}
