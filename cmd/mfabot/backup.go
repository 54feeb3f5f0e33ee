package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

func newBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "A consistent copy of the database, while the bot runs",
		Long: `backup writes a copy of the whole database as it is now to a new file, raw messages
included, and checks it. The bot may keep running, and the database may be of another
version. The file appears only once it is complete, and nobody but you may read it.

The copy does not contain the key beside the database: keep that too, elsewhere. Without
it the bot does not start on the copy.`,
		Example: "  mfabot backup /backups/mfabot-$(date +%F).db",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStoreFrom(bot.OpenToBackup, func(ctx context.Context, db *store.Store, s *config.Settings) error {
				done, err := db.Backup(ctx, args[0])
				if errors.Is(err, fs.ErrExist) {
					return fmt.Errorf("%s already exists: expected the name of a new file", args[0])
				}
				if t := store.TroubleOf(err); t != nil && t.Passes { // as likely from the disk that the copy goes to
					return errors.New("the backup failed: " + t.Error() + " (" + t.Hint + ")")
				}
				if err != nil {
					return fmt.Errorf("the backup failed: %w", err)
				}
				fmt.Fprintf(a.stdout, "%s: %d bytes, %d messages, %d requests, %d exceptions; read back and found intact\n",
					args[0], done.Bytes, done.Messages, done.Requests, done.Exceptions)
				// For monitoring, which has no other way to know.
				at := s.Now().UTC().Format(time.RFC3339) + "\n"
				if err := os.WriteFile(s.BackupFile(), []byte(at), 0o600); err != nil {
					fmt.Fprintf(a.stderr, "mfabot: warning: mfabot_backup_last_success_timestamp_seconds stays as it was: %v\n", err)
				}
				fmt.Fprintf(a.stdout, "The key %s is not in it, so that nobody who has only the copy can decide anything: "+
					"keep a copy of the key elsewhere. "+
					"Without the key the bot does not start on this copy, and no command can change anything.\n", s.KeyFile())
				return nil
			})(c, args)
		},
	}
}
