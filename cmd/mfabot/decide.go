package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/intake/desk"
	"mfabot/templates"
)

var errNoReviewer = errors.New("expected --as REVIEWER, the address of the reviewer whose decision it is")

func newDecide(a *app) *cobra.Command {
	var as, site, user string
	var yes bool
	c := &cobra.Command{
		Use: "decide REF approve|reject|info [TEXT] --as REVIEWER [--user ADDRESS] | " +
			"decide --site ODS reject|info TEXT --as REVIEWER [--yes]",
		Short: "Decides on a request, for the day when email does not work",
		Long: "Decides on a request, for the day when email does not work.\n\n" +
			"With --user nothing is decided unless the request is for that user now. A request whose user has been put right\n" +
			"is approved only with it: whoever looked at it before saw another.\n\n" +
			"With --site ODS in the place of REF it is about the open requests of that site, which are listed first: it asks\n" +
			"whether to go on, or --yes says so beforehand. reject rejects them all, for one reason, and the site and each\n" +
			"reviewer get one email; info asks the site one question about each that waits for reviewers. A request that is for\n" +
			"the reviewer, or by them, is left out and said. Each approval is of one user's evidence, so nothing approves many\n" +
			"at once.",
		Example: "  mfabot decide LT-2026-00042 approve --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 approve --as asha@helpdesk.test --user sam.green@pharmacy.test\n" +
			"  mfabot decide LT-2026-00042 approve \"UNTIL 2027-03-01\" --as asha@helpdesk.test\n" +
			"  mfabot decide LT-2026-00042 reject \"The letter is about another person\" --as asha@helpdesk.test\n" +
			"  mfabot decide --site FA123 reject \"Somebody else uses your mailbox\" --as asha@helpdesk.test",
		Args: usage(cobra.RangeArgs(2, 3)),
		RunE: func(c *cobra.Command, args []string) error {
			if site != "" && user != "" {
				return usageError{errors.New("with --site, expected no --user: it is about every open request of the site")}
			}
			if yes && site == "" {
				return usageError{errors.New("--yes goes with --site: one request is decided at once")}
			}
			if site != "" {
				return decideSite(a, site, as, yes)(c, args)
			}
			verb := strings.ToLower(args[1])
			if verb != "approve" && verb != "reject" && verb != "info" {
				return usageError{fmt.Errorf("expected approve, reject or info, not %q", args[1])}
			}
			if as == "" {
				return usageError{errNoReviewer}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return decideOne(a, desk.ByHand{Ref: ref, Verb: verb, Text: strings.Join(args[2:], ""), As: as, User: user})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the address of the `REVIEWER` whose decision it is")
	c.Flags().StringVar(&user, "user", "", "the `ADDRESS` of the user: nothing is decided if the request is for another")
	c.Flags().StringVar(&site, "site", "", "the `ODS` code of a site: every open request of it")
	c.Flags().BoolVar(&yes, "yes", false, "with --site: do not ask")
	return c
}

// decideOne decides on one request, and says on what.
func decideOne(a *app, h desk.ByHand) body {
	return a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
		r, err := b.Desk.DecideByHand(ctx, h)
		if err != nil {
			return noRequest(ctx, b.Store, h.Ref, err)
		}
		more := ""
		if h.Verb == "approve" && r.State == intake.Pending {
			more = ": another reviewer must approve too"
		}
		fmt.Fprintf(a.stdout, "%s is %s%s\n", r.Ref, r.State, more)
		fmt.Fprintln(a.stdout, decidedOn(b, r))
		if r.State == intake.Approved {
			exemptByHand(a.stdout, b, r.User.Email)
		}
		return nil
	})
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

// decideSite decides on the open requests of a site, once they were listed. Its arguments are reject or info, and the text.
func decideSite(a *app, site, as string, yes bool) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		switch verb := strings.ToLower(args[0]); {
		case verb == "approve":
			return usageError{errors.New("with --site, expected reject or info: an approval is of one user's evidence, and takes one REF")}
		case len(args) != 2 || verb != "reject" && verb != "info":
			return usageError{errors.New("with --site, expected reject and a reason, or info and a question, and nothing else")}
		case as == "":
			return usageError{errNoReviewer}
		}
		return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
			s := desk.SiteByHand{Site: strings.ToUpper(strings.TrimSpace(site)), Verb: strings.ToLower(args[0]), Text: args[1], As: as}
			all, barred, err := b.Desk.Decidable(ctx, s)
			if err != nil {
				return err
			}
			t := newTable(a.stdout, false, layout.Column{Head: "REF"}, layout.Column{Head: "STATE"}, layout.Column{Head: "USER"},
				layout.Column{Head: "REASON", Weight: 2}, layout.Column{Head: "RECEIVED", Weight: 1})
			for _, r := range all {
				s.Refs = append(s.Refs, r.Ref)
				if err := t.row(r.Ref, string(r.State), orDash(r.User.Email), orDash(r.Reason), moment(b.Settings,
					r.ReceivedAt)); err != nil {
					return err
				}
			}
			if err := t.flush(); err != nil {
				return err
			}
			for _, r := range barred {
				fmt.Fprintf(a.stdout, "left out: %s, on which %s must not decide: it is for them, by them or from their own site\n",
					r.Ref, printable(as))
			}
			question := map[string]string{"reject": "Reject %s?", "info": "Ask the site about %s?"}[s.Verb]
			if err := goesOn(a, c, yes, fmt.Sprintf(question, templates.Counted(len(all), "request"))); err != nil {
				return err
			}
			refs, err := b.Desk.DecideSite(ctx, s)
			if err != nil {
				return err
			}
			became := map[string]string{"reject": "rejected", "info": string(intake.NeedsInfo)}[s.Verb]
			for _, ref := range refs {
				fmt.Fprintf(a.stdout, "%s is %s\n", ref, became)
			}
			return nil
		})(c, args)
	}
}
