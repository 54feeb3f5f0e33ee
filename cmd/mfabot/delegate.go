package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newDelegate(a *app) *cobra.Command {
	var to, until, as string
	var end bool
	c := &cobra.Command{
		Use:   "delegate REVIEWER --as NAME",
		Short: "Has a deputy stand in for a reviewer who is away",
		Long: `delegate moves the open reviews of a reviewer who is away to their deputy, who is
asked at once. So are those that come until the reviewer is back. The reviewer's codes
stay valid: if they decide all the same, it counts.

An out-of-office reply has the same effect until the reviewer writes again.`,
		Example: "  mfabot delegate asha@helpdesk.test --until 2026-12-24 --as \"Ben Okafor\"\n" +
			"  mfabot delegate asha@helpdesk.test --to cleo@helpdesk.test --as \"Ben Okafor\"\n" +
			"  mfabot delegate asha@helpdesk.test --end --as \"Ben Okafor\"",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" {
				return usageError{errors.New("expected --as NAME, who decided it")}
			}
			if end && (to != "" || until != "") {
				return usageError{errors.New("--end does not take --to or --until")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				if end {
					return a.printReturn(args[0], b.Desk.Return(ctx, args[0], as))
				}
				absence, err := b.Desk.Delegate(ctx, args[0], to, until, as)
				if err != nil {
					return err
				}
				lasts := "until: mfabot delegate " + absence.Reviewer + " --end --as NAME"
				if !absence.Until.IsZero() {
					lasts = "until " + moment(b.Settings, absence.Until)
				}
				fmt.Fprintf(a.stdout, "%s stands in for %s %s\n", absence.Deputy, absence.Reviewer, lasts)
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&to, "to", "", "the `ADDRESS` of a reviewer or deputy who stands in (default: the reviewer's deputy)")
	c.Flags().StringVar(&until, "until", "", "the last `DAY` they are away, such as 2026-12-24 (default: until --end)")
	c.Flags().BoolVar(&end, "end", false, "the reviewer is back")
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who decided it")
	return c
}

// printReturn says that a reviewer is back, unless err says otherwise.
func (a *app) printReturn(reviewer string, err error) error {
	if err == nil {
		fmt.Fprintf(a.stdout, "%s is back\n", reviewer)
	}
	return err
}
