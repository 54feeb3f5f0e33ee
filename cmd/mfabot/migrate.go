package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/store"
)

func newMigrate(a *app) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Makes the tables of a PostgreSQL database, or brings them up to date",
		Long: `migrate is for a database of PostgreSQL's whose tables one role owns, and which the
bot uses by another that may not change them: see docs/postgresql.md. It makes the
tables, or brings them up to date after a new version was installed, as the role in URL.
The bot must not run then. Where the bot's role owns the tables, and for a database in
a file, "mfabot run" does it by itself.

The password is the one of PGPASSWORD, or of the file that PGPASSFILE names or ~/.pgpass.`,
		Example: `  mfabot migrate --to "postgres://mfabot_owner@db.example.org/mfabot?sslmode=verify-full"`,
		Args:    usage(cobra.NoArgs),
	}
	c.Flags().StringVar(&to, "to", "", "the `URL` of the database, with the role that owns it")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if to == "" {
			return usageError{errors.New("expected --to and the URL of a database of PostgreSQL's")}
		}
		server := store.Server{URL: to}
		if err := server.Check(); err != nil {
			return usageError{fmt.Errorf("--to: %w", err)}
		}
		db, err := server.OpenAlone(c.Context(), "mfabot migrate")
		if err != nil {
			return bot.ExplainedServer(err)
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		if _, err := db.CheckSchema(c.Context()); err != nil {
			return bot.ExplainedServer(err)
		}
		fmt.Fprintf(a.stdout, "%s is up to date.\n", server.Name())
		return nil
	}
	return c
}
