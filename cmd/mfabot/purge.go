package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/intake"
)

func newPurge(a *app) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "purge",
		Short: "Deletes what is kept for long enough, as the bot does every night",
		Long: `purge deletes now what the policy does not keep any longer: raw messages with the
evidence in them, and then names, addresses and words. The bot does the same every
night after 02:00, but not where nothing is on record of the month before, so that the
clock may be wrong: it tells the operator, and goes on after three days. purge itself
believes the clock. What is deleted is gone from the database's file; an entry of the
audit says what it was. Numbers, dates and decisions stay.

It prints a line for each reference or message: what it is, the rule of the policy,
when the rule had its way, and what goes. What is under a legal hold stays.`,
		Example: "  mfabot purge --dry-run\n  mfabot purge",
		Args:    usage(cobra.NoArgs),
		RunE: a.withBot(func(ctx context.Context, b *bot, _ []string) error {
			var sum purgeSum
			tell := func(p intake.Purge) error { return a.printPurge(&sum, p) }
			if !dryRun {
				if err := b.intake.Purge(ctx, tell); err != nil {
					return tryAgain(err, "mfabot purge")
				}
				return a.printPurgeSum(sum, "purged")
			}
			due, err := b.intake.DuePurges(ctx)
			if err != nil {
				return err
			}
			for _, p := range due {
				if err := tell(p); err != nil {
					return err
				}
			}
			return a.printPurgeSum(sum, "due")
		}),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "change nothing, and print the same")
	return c
}

// tryAgain says what to do where deleted data could not be wiped out yet.
func tryAgain(err error, command string) error {
	if errors.Is(err, intake.ErrBusy) {
		return fmt.Errorf("%w: run `%s` once more", err, command)
	}
	return err
}

// purgeSum is what the lines of a purge amount to.
type purgeSum struct{ messages, references, ledger, letters, entries, bytes int64 }

func (a *app) printPurge(sum *purgeSum, p intake.Purge) error {
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

func (a *app) printPurgeSum(sum purgeSum, word string) error {
	_, err := fmt.Fprintf(a.stdout, "%s: %d raw messages (%d bytes), personal data of %d references and %d messages, %d letters, %d entries of the audit\n",
		word, sum.messages, sum.bytes, sum.references, sum.ledger, sum.letters, sum.entries)
	return err
}

func newHold(a *app) *cobra.Command {
	var as string
	var release bool
	c := &cobra.Command{
		Use:   "hold REF [REASON] --as NAME",
		Short: "Keeps all about a reference until the legal hold is released",
		Long: `hold places a legal hold on a request or exception: nothing about it is purged or
erased, whatever the policy says, until it is released. show says that it is held.`,
		Example: "  mfabot hold LT-2026-00042 \"complaint 17/26\" --as \"Jo Hill\"\n  mfabot hold LT-2026-00042 --release --as \"Jo Hill\"",
		Args:    usage(cobra.RangeArgs(1, 2)),
		RunE: func(c *cobra.Command, args []string) error {
			reason := strings.TrimSpace(strings.Join(args[1:], ""))
			switch {
			case strings.TrimSpace(as) == "":
				return usageError{errors.New("expected --as NAME, who places or releases the hold")}
			case release && reason != "":
				return usageError{errors.New("--release takes no reason")}
			case !release && reason == "":
				return usageError{errors.New("expected a REASON for the hold, or --release")}
			}
			return a.withBot(func(ctx context.Context, b *bot, args []string) error {
				ref, words := strings.ToUpper(args[0]), "is kept until the hold is released"
				err := error(nil)
				if release {
					words = "is under no legal hold any more"
					err = b.intake.ReleaseHold(ctx, ref, as)
				} else {
					err = b.intake.PlaceHold(ctx, ref, reason, as)
				}
				if err != nil {
					return notThere(ref, err)
				}
				_, err = fmt.Fprintf(a.stdout, "%s %s\n", ref, words)
				return err
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "your `NAME`")
	c.Flags().BoolVar(&release, "release", false, "end the hold")
	return c
}
