package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/intake"
)

func newGrant(a *app) *cobra.Command {
	var user, reason, site, note string
	var asJSON bool
	c := &cobra.Command{
		Use:   "grant --user ADDRESS --reason REASON",
		Short: "Records a short-term exception given on the telephone, 24 hours from now",
		Example: "  mfabot grant --user sam@site.test --reason phone-misplaced\n" +
			"  mfabot grant --user sam@site.test --reason other --site FX123 --note \"called at 9, manager confirmed\"",
		Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			if user == "" {
				return usageError{errors.New("expected --user ADDRESS, whom the exception is for")}
			}
			if reason == "" {
				return usageError{errors.New("expected --reason REASON, a short-term one of the policy")}
			}
			return a.withBotOn(orNew, func(ctx context.Context, b *bot, _ []string) error {
				e, err := b.intake.Grant(ctx, user, reason, site, note)
				if err != nil {
					return err
				}
				if err := a.printGranted(b, e, asJSON); err != nil || asJSON {
					return err
				}
				return a.tellDirectory(ctx, b, e.Ref)
			})(c, args)
		},
	}
	c.Flags().StringVar(&user, "user", "", "the user's email `ADDRESS`")
	c.Flags().StringVar(&reason, "reason", "", "a short-term `REASON` of the policy")
	c.Flags().StringVar(&site, "site", "", "the `ODS` code of the user's site, which is told as well")
	c.Flags().StringVar(&note, "note", "", "a `TEXT` for the record")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

func (a *app) printGranted(b *bot, e *intake.Exception, asJSON bool) error {
	if asJSON {
		return printJSON(a.stdout, viewException(b.settings, *e, b.clock()))
	}
	fmt.Fprintf(a.stdout, "%s granted to %s until %s\n", e.Ref, e.Subject.Email, b.settings.moment(e.EndsAt))
	if b.settings.Directory == nil {
		fmt.Fprintln(a.stdout, "Exempt the user in the directory now: mfabot does not. You will be told when to take it back.")
	}
	if r, ok := b.settings.Policy.ShortTerm.Reason(e.Reason); ok && r.Action != "" {
		fmt.Fprintln(a.stdout, "Tell the user:", r.Action)
	}
	return nil
}

func newDecide(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "decide REF approve|reject|info [TEXT] --as REVIEWER",
		Short: "Decides on a request, for the day when email cannot",
		Example: "  mfabot decide LT-2026-00042 approve --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 approve \"UNTIL 2027-03-01\" --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 reject \"The letter is about another person\" --as asha@helpdesk.test",
		Args: usage(cobra.RangeArgs(2, 3)),
		RunE: func(c *cobra.Command, args []string) error {
			verb := strings.ToLower(args[1])
			if verb != "approve" && verb != "reject" && verb != "info" {
				return usageError{fmt.Errorf("expected approve, reject or info, not %q", args[1])}
			}
			if as == "" {
				return usageError{errors.New("expected --as REVIEWER, the address of the one whose decision it is")}
			}
			return a.withBot(func(ctx context.Context, b *bot, args []string) error {
				ref := strings.ToUpper(args[0])
				r, err := b.intake.DecideByHand(ctx, ref, verb, strings.Join(args[2:], ""), as)
				if err != nil {
					return noRequest(ctx, b.store, ref, err)
				}
				more := ""
				if verb == "approve" && r.State == intake.Pending {
					more = ": another reviewer must approve as well"
				}
				fmt.Fprintf(a.stdout, "%s is %s%s\n", r.Ref, r.State, more)
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the address of the `REVIEWER` whose decision it is")
	return c
}

func newRevoke(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:     "revoke REF REASON --as NAME",
		Short:   "Ends an exception now, and tells the user and the site",
		Example: "  mfabot revoke LT-2026-00042 \"left the organisation\" --as \"Asha Patel\"",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" || strings.TrimSpace(args[1]) == "" {
				return usageError{fmt.Errorf("expected a reason, and --as NAME, whose decision it is")}
			}
			return a.withBot(func(ctx context.Context, b *bot, args []string) error {
				ref := strings.ToUpper(args[0])
				e, err := b.intake.RevokeByHand(ctx, ref, args[1], as)
				if err != nil {
					return noException(ctx, b.store, ref, err)
				}
				fmt.Fprintf(a.stdout, "%s of %s is revoked\n", e.Ref, e.Subject.Email)
				return a.tellDirectory(ctx, b, ref)
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of who ends it")
	return c
}
