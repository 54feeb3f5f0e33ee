package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/intake/desk"
)

func newDecide(a *app) *cobra.Command {
	var as, site, user string
	c := &cobra.Command{
		Use:   "decide REF approve|reject|info [TEXT] --as REVIEWER [--user ADDRESS]",
		Short: "Decides on a request, for the day when email does not work",
		Long: "Decides on a request, for the day when email does not work.\n\n" +
			"With --user nothing is decided unless the request is for that user now. A request whose user has been put right\n" +
			"is approved only with it: whoever looked at it before saw another.\n\n" +
			"With --site ODS in the place of REF it rejects every open request of that site, for one reason. The site and\n" +
			"each reviewer get one email about all of them.",
		Example: "  mfabot decide LT-2026-00042 approve --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 approve --as asha@helpdesk.test --user sam.green@pharmacy.test\n" +
			"  mfabot decide LT-2026-00042 approve \"UNTIL 2027-03-01\" --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 reject \"The letter is about another person\" --as asha@helpdesk.test\n" +
			"  mfabot decide --site FA123 reject \"Somebody else uses your mailbox\" --as asha@helpdesk.test",
		Args: usage(cobra.RangeArgs(2, 3)),
		RunE: func(c *cobra.Command, args []string) error {
			if site != "" && user != "" {
				return usageError{errors.New("with --site, expected no --user: every open request of the site is rejected")}
			}
			if site != "" {
				return a.rejectSite(site, as)(c, args)
			}
			verb := strings.ToLower(args[1])
			if verb != "approve" && verb != "reject" && verb != "info" {
				return usageError{fmt.Errorf("expected approve, reject or info, not %q", args[1])}
			}
			if as == "" {
				return usageError{errors.New("expected --as REVIEWER, the address of the reviewer whose decision it is")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				ref := strings.ToUpper(args[0])
				r, err := b.Desk.DecideByHand(ctx, desk.ByHand{Ref: ref, Verb: verb, Text: strings.Join(args[2:], ""), As: as, User: user})
				if err != nil {
					return noRequest(ctx, b.Store, ref, err)
				}
				more := ""
				if verb == "approve" && r.State == intake.Pending {
					more = ": another reviewer must approve too"
				}
				fmt.Fprintf(a.stdout, "%s is %s%s\n", r.Ref, r.State, more)
				fmt.Fprintln(a.stdout, decidedOn(b, r))
				if r.State == intake.Approved {
					exemptByHand(a.stdout, b, r.User.Email)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the address of the `REVIEWER` whose decision it is")
	c.Flags().StringVar(&user, "user", "", "the `ADDRESS` of the user: nothing is decided if the request is for another")
	c.Flags().StringVar(&site, "site", "", "the `ODS` code of a site: rejects every open request of it")
	return c
}

// decidedOn says what was decided: for whom, of which site, why, and on which evidence.
func decidedOn(b *bot.Bot, r *intake.Request) string {
	user := cmp.Or(r.User.Email, "nobody yet")
	if r.User.Name != "" {
		user = r.User.Name + " <" + user + ">"
	}
	site := r.SiteCode
	if name := b.Desk.FactsOfSite(r.SiteCode).Name; name != "" {
		site = name + " (" + site + ")"
	}
	var files []string
	for _, e := range r.Counting() {
		files = append(files, e.Filename)
	}
	return printable(fmt.Sprintf("  for %s, of %s; reason: %s; evidence: %s", user, site, cmp.Or(r.Reason, "none yet"),
		cmp.Or(strings.Join(files, ", "), "none")))
}

// rejectSite rejects every open request of a site. Its arguments are reject and the reason.
func (a *app) rejectSite(site, as string) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) != 2 || !strings.EqualFold(args[0], "reject"):
			return usageError{errors.New("with --site, expected reject and a reason, and nothing else")}
		case as == "":
			return usageError{errors.New("expected --as REVIEWER, the address of the reviewer whose decision it is")}
		}
		return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
			refs, err := b.Desk.RejectSite(ctx, strings.ToUpper(strings.TrimSpace(site)), args[1], as)
			for _, ref := range refs {
				if err == nil {
					fmt.Fprintf(a.stdout, "%s is rejected\n", ref)
				}
			}
			return err
		})(c, args)
	}
}
