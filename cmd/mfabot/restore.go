package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

func newRestore(a *app) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Puts a backup in the place of the database",
		Long: `restore checks a backup, and puts it in the place of the database: that it can be read
as a whole, that no newer version wrote it, and that its audit and all that is sealed in
it are as mfabot wrote them, with the key beside the database. Whatever speaks against it
is said, and nothing is changed. The bot must not run, and no other command.

The database of before is kept under another name, whatever state it is in. References
that were given out since the backup are not given out again. What is lost in between is
said, and what is left to do. Where the command is cut short, there is either the one
database or the other, and the next start of the bot says which.

With --dry-run it says the same, and changes nothing; then the bot may run.`,
		Example: "  mfabot restore --dry-run /backups/mfabot-2026-11-30.db\n  mfabot restore /backups/mfabot-2026-11-30.db",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := loadBeside(a.configPath)
			if err != nil {
				return err
			}
			if err := inFile(s); err != nil {
				return err
			}
			do := backups.Restore
			if dryRun {
				do = backups.LookAt
			}
			g, stop := gauge(a.stderr)
			done, err := do(c.Context(), s, args[0], s.Now(), g)
			stop()
			if t := store.TroubleOf(err); t != nil && t.Hint != "" {
				err = fmt.Errorf("%w (%s)", err, t.Hint)
			}
			if err != nil {
				return err
			}
			return tellRestored(a, s, done, dryRun)
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "check the backup and say what would be lost, and change nothing")
	return c
}

// tellRestored says what is in the database now, what is lost and what is left to do; or what would be.
func tellRestored(a *app, s *config.Settings, r backups.Restored, dryRun bool) error {
	words := fmt.Sprintf("%s is the database %s now.", r.From, s.Database)
	if dryRun {
		words = fmt.Sprintf("%s can take the place of the database %s. Nothing was changed.", r.From, s.Database)
	}
	lines := append([]string{words}, r.Lines(func(t time.Time) string { return moment(s, t) })...)
	if kept := r.Kept(); kept != "" && !dryRun {
		lines = append(lines, kept)
	}
	if r.Unnoted != nil {
		lines = append(lines, fmt.Sprintf("It could not be noted beside the key that the backup is meant to be there: %v. "+
			"The bot notes it at its start.", r.Unnoted))
	}
	lines = append(lines, "Then:", "- Start the bot: mfabot run.")
	for _, step := range r.Steps() {
		lines = append(lines, "- "+step)
	}
	var errs []error
	for _, line := range lines {
		_, err := fmt.Fprintln(a.stdout, printable(line))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
