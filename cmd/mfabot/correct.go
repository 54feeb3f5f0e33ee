package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake/desk"
)

func newCorrect(a *app) *cobra.Command {
	var right desk.Right
	var as string
	c := &cobra.Command{
		Use:   "correct REF --user ADDRESS | --name NAME | --reason REASON --as NAME",
		Short: "Puts right a request's user or reason; reviewers decide anew",
		Long: "Puts right what is wrong in a request: the address of its user, their name, the reason, or several of these. The\n" +
			"reviewers are asked anew, on the same evidence, and their earlier review emails no longer count. The site is told.\n\n" +
			"Of an approved request the address can be put right: the reviewers are asked for a new exception, and with their\n" +
			"approval the one of the wrong address ends. To end it before that: mfabot revoke.",
		Example: "  mfabot correct LT-2026-00042 --user sam.green@pharmacy.test --as \"Asha Patel\"\n" +
			"  mfabot correct LT-2026-00042 --name \"Sam Green\" --reason accessibility --as \"Asha Patel\"",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" || strings.TrimSpace(right.User.Email+right.User.Name+right.Reason) == "" {
				return usageError{errors.New("expected --user ADDRESS, --name NAME or --reason REASON, the right one, and --as NAME, " +
					"who puts it right")}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				r, err := b.Desk.Correct(ctx, ref, right, as)
				if err != nil {
					return noRequest(ctx, b.Store, ref, err)
				}
				fmt.Fprintf(a.stdout, "%s for %s is %s\n", r.Ref, cmp.Or(r.User.Email, "nobody yet"), r.State)
				if r.Corrects != "" {
					fmt.Fprintf(a.stdout, "The exception %s of the wrong address stays active until the right one is approved. "+
						"To end it now: mfabot revoke %s REASON --as NAME\n", r.Corrects, r.Corrects)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&right.User.Email, "user", "", "the right `ADDRESS` of the user")
	c.Flags().StringVar(&right.User.Name, "name", "", "the right `NAME` of the user")
	c.Flags().StringVar(&right.Reason, "reason", "", "the right `REASON`, as the policy has it")
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who puts it right")
	return c
}
