package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
)

func newCorrect(a *app) *cobra.Command {
	var user intake.User
	var as string
	c := &cobra.Command{
		Use:   "correct REF --user ADDRESS --as NAME",
		Short: "Puts right the address of a request's user; reviewers decide anew",
		Long: "Puts right the address of a request's user. The reviewers are asked for the right one, on the same evidence,\n" +
			"and their earlier review emails no longer count. For an approved request they are asked for a new exception:\n" +
			"with their approval the one of the wrong address ends. To end it before that: mfabot revoke.",
		Example: "  mfabot correct LT-2026-00042 --user sam.green@pharmacy.test --as \"Asha Patel\"",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" || user.Email == "" {
				return usageError{errors.New("expected --user ADDRESS, the right one, and --as NAME, who puts it right")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				ref := strings.ToUpper(args[0])
				r, err := b.Desk.Correct(ctx, ref, user, as)
				if err != nil {
					return noRequest(ctx, b.Store, ref, err)
				}
				fmt.Fprintf(a.stdout, "%s for %s is %s\n", r.Ref, r.User.Email, r.State)
				if r.Corrects != "" {
					fmt.Fprintf(a.stdout, "The exception %s of the wrong address stays active until the right one is approved. "+
						"To end it now: mfabot revoke %s REASON --as NAME\n", r.Corrects, r.Corrects)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&user.Email, "user", "", "the right `ADDRESS` of the user")
	c.Flags().StringVar(&user.Name, "name", "", "the user's `NAME`, where that is wrong too")
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who puts it right")
	return c
}
