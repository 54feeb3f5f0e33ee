package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/intake/retain"
	"mfabot/templates"
)

func newPurge(a *app) *cobra.Command {
	var as string
	var dryRun bool
	c := &cobra.Command{
		Use:   "purge [--dry-run] [--as NAME]",
		Short: "Deletes what has been kept for long enough, as the bot does every night",
		Long: `purge deletes now what the policy no longer keeps: raw messages with the evidence in
them, and later names, addresses and text. The bot does the same every night after
02:00. If nothing is on record for the month before, the clock may be wrong: then the
bot tells the operator instead, and purges after three days. purge itself trusts the
clock. What is deleted is gone from the database file; an entry of the audit says what
it was. Numbers, dates and decisions stay.

It prints a line for each reference or message: what it is, the rule of the policy, when
the rule took effect, and what goes. What is under a legal hold stays. So it does for
each copy of the database beside it, of before an upgrade or a restore, that is older
than the shortest time of the policy: those are removed too.`,
		Example: "  mfabot purge --dry-run\n  mfabot purge",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			need := bot.Existing
			if dryRun {
				need = bot.Looking
			}
			return a.withBotOn(need, func(ctx context.Context, b *bot.Bot, _ []string) error {
				var sum purgeSum
				tell := func(p retain.Purge) error { return a.printPurge(&sum, p) }
				if !dryRun {
					told, stop, err := purging(ctx, a, b, tell)
					if err == nil {
						err = b.Keeper.Purge(ctx, nameGiven(as), told)
					}
					stop()
					if err != nil {
						return tryAgain(err, "mfabot purge")
					}
					if err = purgeCopies(ctx, a, b, nameGiven(as)); err == nil {
						err = a.printPurgeSum(sum, "purged")
					}
					return err
				}
				return printDue(ctx, a, b)
			})(c, args)
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the same, and change nothing")
	c.Flags().StringVar(&as, "as", "", "your `NAME`, for the record (default: your login name)")
	return c
}

// printDue prints what a purge would delete.
func printDue(ctx context.Context, a *app, b *bot.Bot) error {
	var sum purgeSum
	if err := b.Keeper.DuePurges(ctx, func(p retain.Purge) error { return a.printPurge(&sum, p) }); err != nil {
		return err
	}
	if _, err := printCopies(a, b); err != nil {
		return err
	}
	return a.printPurgeSum(sum, "due")
}

// purging has what is purged counted on a terminal, where the lines themselves go elsewhere.
func purging(ctx context.Context, a *app, b *bot.Bot, tell func(retain.Purge) error) (
	told func(retain.Purge) error, stop func(), err error,
) {
	g, stop := gauge(a.stderr)
	if g == nil || isTerminal(a.stdout) {
		stop()
		return tell, stop, nil
	}
	g.Begin("looking for what is due", 0)
	due := int64(0)
	err = b.Keeper.DuePurges(ctx, func(retain.Purge) error { due++; return nil })
	g.Begin("purging", due)
	return func(p retain.Purge) error {
		g.Add(1)
		return tell(p)
	}, stop, err
}

// tryAgain says what to do if deleted data could not be wiped from the file yet.
func tryAgain(err error, command string) error {
	if errors.Is(err, intake.ErrBusy) {
		return fmt.Errorf("%w: run `%s` once more", err, command)
	}
	return err
}

// purgeSum adds up the lines of a purge.
type purgeSum struct{ messages, references, ledger, letters, entries, bytes int64 }

// printPurge prints the line of one purge, and adds it to the sum.
func (a *app) printPurge(sum *purgeSum, p retain.Purge) error {
	switch {
	case p.Personal:
		sum.references++
	case p.Ledger:
		sum.ledger++
	case p.Message > 0:
		sum.messages++
		sum.bytes += p.Bytes
	}
	sum.letters += int64(p.Letters)
	sum.entries += int64(p.Entries)
	_, err := fmt.Fprintf(a.stdout, "%-15s %-20s %s  %s\n", p.What(), p.Rule, p.Due.UTC().Format(time.DateOnly), p.Told())
	return err
}

// purgeCopies removes the copies of the database beside it that are over.
func purgeCopies(ctx context.Context, a *app, b *bot.Bot, as string) error {
	over, err := printCopies(a, b)
	if err == nil {
		err = bot.PurgeCopies(ctx, b, as, over)
	}
	return err
}

// printCopies prints a line for each of those, and returns them.
func printCopies(a *app, b *bot.Bot) ([]backups.Old, error) {
	over, err := backups.OverAt(b.Settings, b.Clock())
	for _, old := range over {
		fmt.Fprintf(a.stdout, "%-36s %s  %s\n", printable(filepath.Base(old.File)), old.Over.UTC().Format(time.DateOnly), old.Told())
	}
	return over, err
}

// printPurgeSum prints the last line.
func (a *app) printPurgeSum(sum purgeSum, word string) error {
	_, err := fmt.Fprintf(a.stdout, "%s: %s (%s), personal data of %s and %s, %s, %s of the audit\n", word,
		templates.Counted(sum.messages, "raw message"), templates.Counted(sum.bytes, "byte"),
		templates.Counted(sum.references, "reference"),
		templates.Counted(sum.ledger, "message"), templates.Counted(sum.letters, "letter"),
		templates.Counted(sum.entries, "entry"))
	return err
}
