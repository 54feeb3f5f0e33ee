package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newRun(a *app) *cobra.Command {
	var untilIdle bool
	c := &cobra.Command{
		Use:   "run",
		Short: "The bot: reads the mailboxes, sends what is due, until it is stopped",
		Long: `run watches the mailboxes, handles each message, sends the emails, and gives
the warnings and ends of exceptions on time. On SIGTERM or SIGINT it finishes what
it has in hand, within 15 seconds, and stops; a second signal stops it at once.
As a systemd service of Type=notify it says when it is ready, and that it is alive.

At the start it checks the database. While that cannot be written, as when the disk
is full, messages stay where they are and are tried again; when it is damaged, run
ends and says what to do.`,
		Example: "  mfabot run --config mfabot.toml\n  mfabot run --until-idle --config mfabot.toml   # once, from a timer",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := a.openBot(c.Context(), bot.Verified)
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
	c.Flags().BoolVar(&untilIdle, "until-idle", false, "read what is there, send what is due, and stop when nothing is left to do now")
	return c
}
