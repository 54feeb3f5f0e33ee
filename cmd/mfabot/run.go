package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
)

func newRun(a *app) *cobra.Command {
	var untilIdle bool
	var shadow shadowing
	c := &cobra.Command{
		Use:   "run",
		Short: "Runs the bot: reads the mailboxes and sends what is due, until it is stopped",
		Long: `run watches the mailboxes, handles each message, sends the emails, and warns of and ends
exceptions on time. On SIGTERM or SIGINT it finishes what it has in hand, within 15
seconds, and stops; a second signal stops it at once. As a systemd service of Type=notify
it reports when it is ready, and that it is alive. On SIGHUP it reads the configuration
and all files that it names again, and goes on with them once it has finished what it has
in hand; with one that is wrong it goes on as it is, and the log says what is wrong.

One database belongs to one running bot: a second one ends at once, and says which
process runs. At its start it checks the database, and brings one of an older version
up to date. While the database cannot be written, as when the
disk is full, messages stay where they are and are tried again; exceptions that are over
are ended in the directory all the same, at a start too. If it is damaged, run ends and
says what to do.

With --shadow it changes and sends nothing: it reads the mailboxes by commands that leave
them as they are, from a week ago or the day of --since on, and writes what it would have
done into a folder: report.txt, messages.jsonl with one JSON object a message, and each
letter as .eml. It uses neither the database nor the directory, and may be used beside a
bot that runs.`,
		Example: "  mfabot run --config mfabot.toml\n  mfabot run --until-idle --config mfabot.toml   # once, from a timer\n" +
			"  mfabot run --shadow --until-idle               # what it would do, and does not",
		Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := shadow.check(); err != nil {
				return err
			}
			s, err := config.Load(a.configPath)
			if err != nil {
				return err
			}
			log, begun := newRunLog(a.stderr, s), time.Now()
			if shadow.on {
				return ended(log, s, begun, shadow.look(c.Context(), a.stdout, s, log, untilIdle))
			}
			if untilIdle {
				return ended(log, s, begun, settle(c.Context(), a, s, log))
			}
			return ended(log, s, begun, a.run(c.Context(), s, log))
		},
	}
	c.Flags().BoolVar(&untilIdle, "until-idle", false,
		"read what is there, send what is due, and stop when there is nothing left to do now")
	shadow.flags(c)
	return c
}

// run opens the bot, as soon as it can, and runs it until it is stopped. At SIGHUP it takes the configuration anew, unless it
// runs on a terminal, which says so when it is closed.
func (a *app) run(ctx context.Context, s *config.Settings, log *slog.Logger) error {
	again := make(chan os.Signal, 1)
	if !isTerminal(a.stderr) {
		signal.Notify(again, syscall.SIGHUP)
		defer signal.Stop(again)
	}
	b, err := bot.OpenToRun(ctx, s, true, log)
	if err != nil {
		return err
	}
	b.BoundMemory()
	shown, stop := gauge(a.stderr)
	defer stop()
	bot.ShowReading(b, shown)
	return bot.UntilStopped(ctx, bot.StopWithin, func(ctx context.Context) error {
		return bot.Explained(s, bot.RunReloading(ctx, b, again, func() (*config.Settings, *slog.Logger, error) {
			next, err := config.Load(s.File) // the one of the start, wherever it was found
			if err != nil {
				return nil, nil, err
			}
			return next, newRunLog(a.stderr, next), nil
		}))
	})
}

// settle opens the bot and runs it until nothing is left to do.
func settle(ctx context.Context, a *app, s *config.Settings, log *slog.Logger) error {
	b, err := bot.OpenToRun(ctx, s, false, log)
	if err != nil {
		return err
	}
	b.BoundMemory()
	shown, stop := gauge(a.stderr)
	defer stop()
	bot.ShowReading(b, shown)
	return bot.UntilStopped(ctx, bot.StopWithin, func(ctx context.Context) error {
		return bot.Explained(s, errors.Join(b.Settle(ctx), b.Close()))
	})
}
