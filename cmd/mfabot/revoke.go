package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newRevoke(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:     "revoke REF REASON --as NAME",
		Short:   "Ends an exception now, and tells the user and the site",
		Example: "  mfabot revoke LT-2026-00042 \"left the organisation\" --as \"Asha Patel\"",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case strings.TrimSpace(args[1]) == "":
				return usageError{errors.New("expected a reason, and --as NAME, who decided it: the reason is empty")}
			case strings.TrimSpace(as) == "":
				return usageError{errors.New("expected a reason, and --as NAME, who decided it: --as NAME is missing")}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				e, err := b.Desk.RevokeByHand(ctx, ref, args[1], as)
				if err != nil {
					return noException(ctx, b.Store, ref, err)
				}
				fmt.Fprintf(a.stdout, "%s of %s is revoked\n", e.Ref, e.User.Email)
				endByHand(a.stdout, b, e.User.Email)
				return a.tellDirectory(ctx, b, ref)
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who ends it")
	return c
}
