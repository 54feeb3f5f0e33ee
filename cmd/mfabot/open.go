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
func (a *app) openBot(ctx context.Context, toRun bool) (*bot, error) {
	s, err := loadSettings(a.configPath)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(a.stderr, nil))
	if toRun {
		if err := s.untrusting(a.configPath); err != nil {
			return nil, err
		}
		s.warnings(log)
	}
	return newBot(ctx, s, s.clock, log)
}

// withBot is the body of a command that works on the configured database.
func (a *app) withBot(do func(ctx context.Context, b *bot, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) (err error) {
		b, err := a.openBot(c.Context(), false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.Close()) }()
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
		db, err := store.Open(c.Context(), s.Database)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return do(c.Context(), db, s)
	}
}
