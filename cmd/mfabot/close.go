package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newClose(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "close REF REASON --as NAME",
		Short: "Ends a request that nobody has decided, and tells the site why",
		Long: "Ends a request that nobody has decided. The site is told so, with the reason, and how to ask again. The reviewers\n" +
			"are told too, and their review emails no longer count. An exception is ended with: mfabot revoke.",
		Example: "  mfabot close LT-2026-00042 \"Jo Marsh rang: it is not needed any more\" --as \"Ben Okafor\"",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case strings.TrimSpace(args[1]) == "":
				return usageError{errors.New("expected a reason, which the site is told, and --as NAME, who closes " +
					"it: the reason is empty")}
			case strings.TrimSpace(as) == "":
				return usageError{errors.New("expected a reason, which the site is told, and --as NAME, who closes " +
					"it: --as NAME is missing")}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				r, err := b.Desk.Close(ctx, ref, args[1], as)
				if err != nil {
					return noRequest(ctx, b.Store, ref, err)
				}
				fmt.Fprintf(a.stdout, "%s for %s is closed, and its site is told why\n", r.Ref, cmp.Or(r.User.Email, "nobody yet"))
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who closes it")
	return c
}
