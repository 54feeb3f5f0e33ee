package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/intake/desk"
)

func newGrant(a *app) *cobra.Command {
	var g desk.Grant
	var file, as string
	var asJSON bool
	c := &cobra.Command{
		Use:   "grant --user ADDRESS --reason REASON [--as NAME] | grant --file FILE [--as NAME]",
		Short: "Records a short-term exception granted on the telephone, for 24 hours from now",
		Long: `grant records a short-term exception that was granted on the telephone, for 24 hours
from now.

A FILE is CSV in UTF-8, with commas or semicolons, and a header with the columns user
and reason, and optionally site and note. All of it is recorded, or none.`,
		Example: "  mfabot grant --user sam@site.test --reason phone-misplaced\n" +
			"  mfabot grant --user sam@site.test --reason other --site FX123 --note \"called at 9, manager confirmed\" --as \"Jo Hill\"\n" +
			"  mfabot grant --file users.csv",
		Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" && g.User == "" {
				return usageError{errors.New("expected --user ADDRESS, whom the exception is for, or --file FILE")}
			}
			if file == "" && g.Reason == "" {
				return usageError{errors.New("expected --reason REASON, a short-term reason of the policy")}
			}
			if file != "" && g != (desk.Grant{}) {
				return usageError{errors.New("expected --file FILE without --user, --reason, --site and --note, " +
					"which the file gives for each user")}
			}
			return a.withBotOn(bot.OrNew, func(ctx context.Context, b *bot.Bot, _ []string) error {
				grants, err := grantsOf(g, file, nameGiven(as))
				if err != nil {
					return err
				}
				given, err := b.Desk.GrantAll(ctx, file, grants)
				if err != nil {
					return err
				}
				if err := a.printGranted(b, given, asJSON); err != nil || asJSON {
					return err
				}
				var refs []string
				for _, g := range given {
					if note := accountNotes[b.Enforcer.AccountOf(ctx, g.User.Email)]; note != "" {
						fmt.Fprintf(a.stdout, "%s: %s\n", g.User.Email, note)
					}
					refs = append(refs, g.Ref)
				}
				return a.tellDirectory(ctx, b, refs...)
			})(c, args)
		},
	}
	c.Flags().StringVar(&g.User, "user", "", "the user's email `ADDRESS`")
	c.Flags().StringVar(&g.Reason, "reason", "", "a short-term `REASON` of the policy")
	c.Flags().StringVar(&g.Site, "site", "", "the `ODS` code of the user's site, which is told too")
	c.Flags().StringVar(&g.Note, "note", "", "a `TEXT` for the record")
	c.Flags().StringVar(&as, "as", "", "your `NAME`, for the record (default: your login name)")
	c.Flags().StringVar(&file, "file", "", "a CSV `FILE` with many users")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// accountNotes are what the operator at the telephone must know about the user's account.
var accountNotes = map[string]string{
	intake.AccountDisabled:  "the account is disabled in the directory: the user cannot sign in, with or without an exception",
	intake.AccountNoMethod:  "no authentication method is registered: have the user register one before the exception ends",
	intake.AccountUnchecked: "the account could not be checked in the directory",
}

// grantsOf are the grants of the file, or the one of the command line, by as.
func grantsOf(g desk.Grant, file, as string) ([]desk.Grant, error) {
	if file == "" {
		g.As = as
		return []desk.Grant{g}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	grants, err := desk.ReadGrants(file, f)
	for i := range grants {
		grants[i].As = as
	}
	return grants, err
}

// printGranted says what was granted, and what the operator at the telephone should do and tell the user.
func (a *app) printGranted(b *bot.Bot, given []desk.Given, asJSON bool) error {
	often := ""
	for _, g := range given {
		if asJSON {
			v := viewException(b.Settings, g.Exception, b.Clock())
			v.GrantedLately = g.Lately
			if err := printJSON(a.stdout, v); err != nil {
				return err
			}
			continue
		}
		flag := ""
		if g.Lately > 0 {
			flag = fmt.Sprintf(", number %d in %d days", g.Lately, int(b.Settings.Policy.ShortTerm.FlagWithin.Hours()/24))
			often = "Tell users who need a short-term exception again and again that there is a long-term one. " +
				"Their site asks for it, by writing to " + b.Settings.Service.Address + " from its shared mailbox, with evidence."
		}
		fmt.Fprintf(a.stdout, "%s granted to %s until %s%s\n", g.Ref, g.User.Email, moment(b.Settings, g.EndsAt), flag)
	}
	if asJSON {
		return nil
	}
	who := "the user"
	if len(given) > 1 {
		who = "these users"
	}
	exemptByHand(a.stdout, b, who)
	if len(given) == 1 {
		if r, ok := b.Settings.Policy.ShortTerm.Reason(given[0].Reason); ok && r.Action != "" {
			fmt.Fprintln(a.stdout, "Tell the user:", r.Action)
		}
	}
	if often != "" {
		fmt.Fprintln(a.stdout, often)
	}
	return nil
}
