package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/intake"
	"mfabot/store"
	"mfabot/templates"
)

func newBackup(a *app) *cobra.Command {
	var every string
	var keep int
	c := &cobra.Command{
		Use:   "backup FILE|DIR",
		Short: "A consistent copy of the database, while the bot runs",
		Long: `backup writes a copy of the whole database as it is now to a new file, raw messages
included, and checks it: that it can be read as a whole, that nothing is missing in it,
and that its audit and all that is sealed in it are as mfabot wrote them. The bot may keep
running, and the database may be of another version. The file appears only once it is
complete, and nobody but you may read it.

With --keep it writes into the folder DIR, under a name with the time, and removes the
oldest ones that it wrote there, once the new one is good; nothing else there is touched.
With --every it goes on doing so until it is stopped. The bot does the same by itself
where [backup] of mfabot.toml says so.

The copy does not contain the key beside the database: keep that too, elsewhere. Without
it the bot does not start on the copy. "mfabot restore" puts a copy in the database's place.`,
		Example: "  mfabot backup /backups/mfabot-$(date +%F).db\n  mfabot backup --keep 14 /backups\n" +
			"  mfabot backup --every 24h --keep 14 /backups",
		Args: usage(cobra.ExactArgs(1)),
	}
	c.Flags().StringVar(&every, "every", "", "a copy each `TIME`, such as 24h, until it is stopped; the argument is a folder")
	c.Flags().IntVar(&keep, "keep", config.DefaultBackupKeep, "how many `COPIES` are kept; the argument is a folder")
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := loadBeside(a.configPath)
		if err != nil {
			return err
		}
		if err := inFile(s); err != nil {
			return err
		}
		if !c.Flags().Changed("every") && !c.Flags().Changed("keep") {
			return backUp(c.Context(), a, s, args[0])
		}
		s.Backup = &config.Backup{Keep: keep, Dir: args[0]}
		if keep < 1 {
			return usageError{fmt.Errorf("--keep %d: expected how many are kept, 1 or more", keep)}
		}
		if err := (backups.Folder{Dir: args[0]}).Usable(); err != nil {
			return err
		}
		if !c.Flags().Changed("every") {
			return backUpInto(c.Context(), a, s)
		}
		if s.Backup.Every, err = intake.ParseDuration(every); err != nil || s.Backup.Every < config.LeastBackupEvery {
			return usageError{fmt.Errorf("--every %q: expected a duration of a minute or more, such as 24h or 7d", every)}
		}
		return backUpAlways(c.Context(), a, s)
	}
	return c
}

// inFile returns an error that says who makes the copies of a database that is no file.
func inFile(s *config.Settings) error {
	if s.Server == nil {
		return nil
	}
	return fmt.Errorf("the database %s is PostgreSQL's, whose own tools make the copies and put them back: "+
		"pg_dump --format=custom --file=mfabot.dump DATABASE, and pg_restore; see docs/postgresql.md. "+
		"Keep the key %s with each copy, and not in the same place: without it the bot acts on nothing that is in the copy",
		s.Database, s.KeyFile())
}

// backUp writes a copy into a new file.
func backUp(ctx context.Context, a *app, s *config.Settings, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s already exists: expected the name of a new file, or --keep and a folder", file)
	}
	return telling(ctx, a, s, func(g *progress.Gauge) (backups.Made, error) {
		made, err := backups.Write(ctx, s, file, s.Now(), g)
		if errors.As(err, new(backups.Faulty)) {
			return made, fmt.Errorf("%s was written, and is not good: %w", file, err)
		}
		return made, err
	})
}

// backUpInto writes a copy into a folder, and removes the oldest ones.
func backUpInto(ctx context.Context, a *app, s *config.Settings) error {
	return telling(ctx, a, s, func(g *progress.Gauge) (backups.Made, error) {
		made, err := backups.Folder{Dir: s.Backup.Dir, Keep: s.Backup.Keep, Gauge: g}.Make(ctx, s, s.Now())
		if errors.As(err, new(backups.Faulty)) {
			return made, fmt.Errorf("%s was written, and is not good: it is kept beside the good ones, and none of "+
				"them was removed: %w", made.File, err)
		}
		return made, err
	})
}

// backUpAlways does that again and again, until it is stopped.
func backUpAlways(ctx context.Context, a *app, s *config.Settings) error {
	if err := bot.FindToBackup(ctx, s); err != nil {
		return err
	}
	keyIsNotInIt(a.stdout, s)
	err := backups.NewSchedule(s, s.Now, newRunLog(a.stderr, s)).Run(ctx)
	if errors.Is(err, context.Canceled) { // it was stopped
		return nil
	}
	return err
}

// telling makes one copy, and says what became of it.
func telling(ctx context.Context, a *app, s *config.Settings, write func(*progress.Gauge) (backups.Made, error)) error {
	if err := bot.FindToBackup(ctx, s); err != nil {
		return err
	}
	g, stop := gauge(a.stderr)
	made, err := write(g)
	stop()
	if t := store.TroubleOf(err); t != nil && t.Passes { // as likely from the disk that the copy goes to
		return errors.New("the backup failed: " + t.Error() + " (" + t.Hint + ")")
	}
	if err != nil && made.File == "" {
		return bot.ExplainedFor(s, bot.Looking, fmt.Errorf("the backup failed: %w", err))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %d bytes, %s, %s, %s; read back and found intact\n", made.File, made.Bytes,
		templates.Counted(made.Messages, "message"), templates.Counted(made.Requests, "request"),
		templates.Counted(made.Exceptions, "exception"))
	for _, old := range made.Pruned {
		fmt.Fprintf(a.stdout, "%s: removed, as newer ones are kept\n", old)
	}
	if made.Unsaid != nil {
		fmt.Fprintf(a.stderr, "mfabot: warning: %v\n", made.Unsaid)
	}
	keyIsNotInIt(a.stdout, s)
	return nil
}

// keyIsNotInIt says what no copy holds.
func keyIsNotInIt(w io.Writer, s *config.Settings) {
	fmt.Fprintf(w, "The key %s is not in it, so that nobody who has only the copy can decide anything: "+
		"keep a copy of the key elsewhere. "+
		"Without the key the bot does not start on this copy, and no command can change anything.\n", s.KeyFile())
}
