package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"mfabot/store"
)

// openBot reads the configuration and puts the bot together. To run, every
// mailbox must be able to prove its senders.
func (a *app) openBot(ctx context.Context, n wanted) (*bot, error) {
	s, err := loadSettings(a.configPath)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(a.stderr, nil))
	if n == verified {
		if err := s.untrusting(a.configPath); err != nil {
			return nil, err
		}
		s.warnings(log)
	}
	if err := s.findDatabase(ctx, n, a.configPath, log); err != nil {
		return nil, err
	}
	b, err := newBot(ctx, s, s.clock, log)
	if err == nil && n == verified && b.unsealed {
		err = b.intake.AlertOperator(ctx, "audit", "The seals of the audit are gone", "The audit was sealed before, and no seal is in the database "+s.Database+" any more: "+
			"somebody has changed it, or it is from a backup of before the audit was sealed.", "What it says of the time until now is not to be trusted. `mfabot audit verify` tells more.")
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}
	return b, s.explained(err)
}

// withBot is the body of a command that works on the configured database.
func (a *app) withBot(do func(ctx context.Context, b *bot, args []string) error) func(*cobra.Command, []string) error {
	return a.withBotOn(existing, do)
}

// withBotOn is withBot for a command with another need of the database.
func (a *app) withBotOn(n wanted, do func(ctx context.Context, b *bot, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) (err error) {
		b, err := a.openBot(c.Context(), n)
		if err != nil {
			return err
		}
		defer func() { err = b.settings.explained(errors.Join(err, b.Close())) }()
		return do(c.Context(), b, args)
	}
}

// withStore is the body of a command that only looks.
func (a *app) withStore(do func(ctx context.Context, db *store.Store, s *settings) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) (err error) {
		s, err := loadSettings(a.configPath)
		if err != nil {
			return err
		}
		if err := s.findDatabase(c.Context(), existing, a.configPath, nil); err != nil {
			return err
		}
		db, err := openStore(c.Context(), s)
		if err != nil {
			return s.explained(err)
		}
		defer func() { err = s.explained(errors.Join(err, db.Close())) }()
		return do(c.Context(), db, s)
	}
}
