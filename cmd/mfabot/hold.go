package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newHold(a *app) *cobra.Command {
	var as string
	var release bool
	c := &cobra.Command{
		Use:   "hold REF [REASON] --as NAME",
		Short: "Keeps everything about a reference until the legal hold is released",
		Long: `hold places a legal hold on a request or exception: nothing about it is purged or erased,
whatever the policy says, until the hold is released. show prints the hold.`,
		Example: "  mfabot hold LT-2026-00042 \"complaint 17/26\" --as \"Jo Hill\"\n" +
			"  mfabot hold LT-2026-00042 --release --as \"Jo Hill\"",
		Args: usage(cobra.RangeArgs(1, 2)),
		RunE: func(c *cobra.Command, args []string) error {
			reason := strings.TrimSpace(strings.Join(args[1:], ""))
			switch {
			case strings.TrimSpace(as) == "":
				return usageError{errors.New("expected --as NAME, who places or releases the hold")}
			case release && reason != "":
				return usageError{errors.New("--release does not take a reason")}
			case !release && reason == "":
				return usageError{errors.New("expected a REASON for the hold, or --release")}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
				words, err := "is kept until the hold is released", error(nil)
				if release {
					words = "is no longer under a legal hold"
					err = b.Keeper.ReleaseHold(ctx, ref, as)
				} else {
					err = b.Keeper.PlaceHold(ctx, ref, reason, as)
				}
				if err != nil {
					return notThere(ref, err)
				}
				_, err = fmt.Fprintf(a.stdout, "%s %s\n", ref, words)
				return err
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "your `NAME`")
	c.Flags().BoolVar(&release, "release", false, "end the hold")
	return c
}
