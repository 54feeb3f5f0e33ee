package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newResend(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "resend ID... [--as NAME]",
		Short: "Sends again emails that were given up or did not arrive, and at once those that wait",
		Long: `resend puts emails into the queue again that were given up, or that were sent and did not
arrive, all that are named or none: first put right what stopped them. They go out as they
are, with the same Message-ID. One that went to you in a trial did not arrive: once the trial
is over, resend sends it to whom it is for. One that was sent, and of which nothing says that
it did not arrive, is not sent again, nor is one whose place a later email has taken.

One that waits in the queue is due now. A bot that runs tries it within seconds, even while
it leaves a mail server alone that has refused it; when it is taken, nothing is left alone.`,
		Example: "  mfabot resend 17\n" +
			"  mfabot resend $(mfabot outbound --json | jq 'select(.state == \"failed\").id')\n" +
			"  mfabot resend 8   # which a trial has sent to you",
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			ids, err := idsGiven(args, "an email", "outbound")
			if err != nil {
				return err
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
				again, err := b.Desk.Resend(ctx, ids, nameGiven(as))
				if err != nil {
					return err
				}
				for _, o := range again {
					now := "is in the queue again"
					if o.Waited {
						now = "waited in the queue, and is due now"
					}
					fmt.Fprintf(a.stdout, "email %d, %s to %s, %s\n", o.ID, o.Template, o.To, now)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "your `NAME`, for the record (default: your login name)")
	return c
}
