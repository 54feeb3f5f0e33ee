package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
)

func newRun(a *app) *cobra.Command {
	var untilIdle bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Runs the bot: reads the mailboxes and sends what is due, until it is stopped",
		Long: `run watches the mailboxes, handles each message, sends the emails, and warns of and ends
exceptions on time. On SIGTERM or SIGINT it finishes what it has in hand, within 15
seconds, and stops; a second signal stops it at once. As a systemd service of Type=notify
it reports when it is ready, and that it is alive.

One database belongs to one running bot: a second one ends at once, and says which
process runs. At its start it checks the database, and brings one of an older version
up to date. While the database cannot be written, as when the
disk is full, messages stay where they are and are tried again; exceptions that are over
are ended in the directory all the same, at a start too. If it is damaged, run ends and
says what to do.`,
		Example: "  mfabot run --config mfabot.toml\n  mfabot run --until-idle --config mfabot.toml   # once, from a timer",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := a.openToRun(c.Context(), !untilIdle)
			if err != nil {
				return err
			}
			b.BoundMemory()
			run := b.Run
			if untilIdle {
				run = b.Settle
			}
			return bot.UntilStopped(c.Context(), bot.StopWithin, func(ctx context.Context) error {
				return bot.Explained(b.Settings, errors.Join(run(ctx), b.Close()))
			})
		},
	}
	c.Flags().BoolVar(&untilIdle, "until-idle", false,
		"read what is there, send what is due, and stop when there is nothing left to do now")
	return c
}

// openToRun reads the configuration and opens the bot to run, as soon as it can.
func (a *app) openToRun(ctx context.Context, wait bool) (*bot.Bot, error) {
	s, err := config.Load(a.configPath)
	if err != nil {
		return nil, err
	}
	return bot.OpenToRun(ctx, s, wait, newLog(a.stderr))
}
