package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/templates"
)

func newAccept(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "accept sites|clock --as NAME",
		Short: "Says that what looks like an accident is none",
		Long: `accept has the bot go on where it waits for somebody to look.

accept sites: the register of sites has lost most of its sites, and they are to go. The bot
uses the file as it is now.

accept clock: the clock is far from when the bot was at work last, and right all the same.`,
		Example:   "  mfabot accept sites --as \"Jo Hill\"\n  mfabot accept clock --as \"Jo Hill\"",
		Args:      usage(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		ValidArgs: []string{"sites", "clock"},
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" {
				return usageError{errors.New("expected --as NAME, who says so")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				if args[0] == "clock" {
					now, err := b.AcceptClock(ctx, as)
					if err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "the clock is right: it says %s\n", moment(b.Settings, now))
					return nil
				}
				n, err := b.AcceptSites(ctx, as)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "the register of sites is right: it has %s\n", templates.Counted(n, "site"))
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who says so")
	return c
}
