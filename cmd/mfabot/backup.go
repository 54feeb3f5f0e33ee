package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

func newBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "A consistent copy of the database, while the bot runs",
		Long: `backup writes a copy of the whole database as it is now into a new file, raw
messages and all, and checks it. The bot may go on running. The file appears when it
is whole, and nobody but you may read it.

The key that review codes are made with is not in the copy: keep it too, elsewhere.`,
		Example: "  mfabot backup /backups/mfabot-$(date +%F).db",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
				done, err := db.Backup(ctx, args[0])
				if errors.Is(err, fs.ErrExist) {
					return fmt.Errorf("%s is there already: expected the name of a new file", args[0])
				}
				if t := store.TroubleOf(err); t != nil && t.Passes { // as likely of the disk that it goes to
					return errors.New("no backup was made: " + t.Error() + " (" + t.Hint + ")")
				}
				if err != nil {
					return fmt.Errorf("no backup was made: %w", err)
				}
				fmt.Fprintf(a.stdout, "%s: %d bytes, %d messages, %d requests, %d exceptions; read again and found whole\n",
					args[0], done.Bytes, done.Messages, done.Requests, done.Exceptions)
				fmt.Fprintf(a.stdout, "The key %s is not in it, so that whoever has the copy alone can decide nothing: keep a copy of the key elsewhere. "+
					"Without the key, review emails that have not gone out yet cannot be sent.\n", s.KeyFile())
				return nil
			})(c, args)
		},
	}
}
