package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake/retain"
	"mfabot/templates"
)

func newErase(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "erase ADDRESS [--as NAME]",
		Short: "Deletes one person's data now",
		Long: `erase deletes what is on record about one person, by their address: their requests and
exceptions with the evidence, what they wrote, and what was written to them. References,
dates and decisions remain, without the person.

It refuses while they have an active exception or an open request, while emails to or
about them are waiting, and under a legal hold: it says what to do first. A message that
also serves other people's requests is kept for those, and listed. Other people's free
text may still contain the person's name, but not their address.

It does not reach copies elsewhere: in mailboxes, backups and the register of sites. Of
the copies of the database that the bot makes it says which there are, and until when.`,
		Example: "  mfabot export sam@site.test --out sam   # if they may want it first\n  mfabot erase sam@site.test",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
			done, err := b.Keeper.Erase(ctx, args[0], nameGiven(as))
			if done == nil {
				return err
			}
			if told := a.printErased(args[0], done); told != nil {
				return told
			}
			if told := printStillIn(a, b); told != nil {
				return told
			}
			return tryAgain(err, "mfabot purge")
		}),
	}
	c.Flags().StringVar(&as, "as", "", "your `NAME`, for the record (default: your login name)")
	return c
}

// printStillIn says which copies of the database, of those that the bot makes and removes, still hold what was erased, and until when.
func printStillIn(a *app, b *bot.Bot) error {
	old, err := backups.OldOnes(b.Settings)
	if err != nil {
		return err
	}
	for _, o := range old {
		fmt.Fprintf(a.stdout, "%s: a copy of the database, which may hold them until %s\n", printable(o.File), day(b.Settings, o.Over))
	}
	n, last, err := backups.Until(b.Settings, b.Store.Instance())
	if err == nil && n > 0 {
		_, err = fmt.Fprintf(a.stdout, "%s: %s, which may hold them until about %s\n", printable(b.Settings.Backup.Dir),
			templates.Counted(n, "backup"), day(b.Settings, last))
	}
	return err
}

// printErased lists what was erased, and what was kept for other people's sake.
func (a *app) printErased(address string, e *retain.Erased) error {
	if len(e.Refs)+e.Messages+e.Letters+e.Mentions+len(e.Left) == 0 {
		_, err := fmt.Fprintf(a.stdout, "nothing is on record about that address\n%s: is it spelt right?\n", printable(address))
		return err
	}
	for _, ref := range e.Refs {
		fmt.Fprintf(a.stdout, "%s: erased\n", ref)
	}
	for _, m := range e.Left {
		refs := slices.Concat(m.Holds, m.Names)
		slices.Sort(refs)
		fmt.Fprintf(a.stdout, "message %d: kept, as it serves other people's requests too (%s)\n", m.ID,
			strings.Join(slices.Compact(refs), ", "))
	}
	_, err := fmt.Fprintf(a.stdout, "erased: %s, %s, %s, %s elsewhere\n", templates.Counted(len(e.Refs), "reference"),
		templates.Counted(e.Messages, "message"), templates.Counted(e.Letters, "letter"), templates.Counted(e.Mentions, "mention"))
	return err
}
