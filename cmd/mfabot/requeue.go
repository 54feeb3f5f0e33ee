package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
)

func newRequeue(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "requeue ID",
		Short: "Reads a quarantined or refused message again",
		Long: `requeue reads a message again from the stored copy, by the configuration as it is now, and
acts on it: one that was quarantined, or refused since its author was in no row of the
register of sites. First put right what stopped it before. Of a long message only the
beginning may be stored: then it is read from the folder Quarantine or Refused. The copy
there can be deleted afterwards. Whoever moves a refused message back into the inbox has
it read again as well.

With --as you vouch for the sender in your own name, once you have verified them another
way (a call to the site, at a number that you know). That is for messages from sites.
Nobody can vouch for a reviewer's decision: decide is for that.`,
		Example: "  mfabot requeue 17\n  mfabot requeue 17 --as \"Jo Hill\"   # called the pharmacy, and they did write it",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{fmt.Errorf("not the number of a message: %q: `mfabot inbound` lists them", args[0])}
			}
			if c.Flags().Changed("as") && strings.TrimSpace(as) == "" {
				return usageError{errors.New("--as needs your name, in which you vouch for the sender")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
				end, err := b.Desk.Requeue(ctx, id, as)
				if errors.Is(err, intake.ErrNotFound) {
					return fmt.Errorf("there is no message %d: `mfabot inbound` lists them", id)
				}
				if errors.Is(err, intake.ErrPurged) {
					return fmt.Errorf("message %d is %w: ask the sender to send it again", id, intake.ErrPurged)
				}
				if err != nil {
					return err
				}
				words := string(end.Outcome)
				if end.Reason != "" {
					words += " (" + string(end.Reason) + ")"
				}
				if end.Ref != "" {
					words += ", " + end.Ref
				}
				fmt.Fprintf(a.stdout, "message %d: %s\n", id, words)
				if end.Outcome == intake.OutcomeQuarantined {
					return fmt.Errorf("message %d is still set aside: `mfabot why %d` says why", id, id)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "your `NAME`: you vouch for the sender, whom you have verified another way")
	return c
}
