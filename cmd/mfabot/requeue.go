package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/store"
	"mfabot/templates"
)

// requeue is what the flags of requeue say.
type requeue struct {
	as, reason  string
	dryRun, yes bool
}

func newRequeue(a *app) *cobra.Command {
	var r requeue
	c := &cobra.Command{
		Use:   "requeue ID... [--as NAME] | requeue --reason REASON [--dry-run | --yes]",
		Short: "Reads quarantined or refused messages again",
		Long: `requeue reads messages again from the stored copy, by the configuration as it is now, and
acts on them: those that were quarantined, or refused since their author was in no row of
the register of sites. First put right what stopped them before. Of a long message only
the beginning may be stored: then it is read from the folder Quarantine or Refused. The
copy there can be deleted afterwards. Whoever moves a refused message back into the inbox
has it read again as well.

With --reason all messages are read again that were set aside for that reason, the oldest
first. They are listed first, and it asks whether to go on; --yes says so beforehand, and
--dry-run only lists them. One that cannot be read does not keep the others from it.

With --as you vouch for the sender in your own name, once you have verified them another
way (a call to the site, at a number that you know). That is for messages from sites, by
their numbers. Nobody can vouch for a reviewer's decision: decide is for that.`,
		Example: "  mfabot requeue 17\n  mfabot requeue 17 --as \"Jo Hill\"   # called the pharmacy, and they did write it\n" +
			"  mfabot requeue 17 18 23\n  mfabot requeue --reason not-registered --dry-run",
		Args: usage(cobra.ArbitraryArgs),
		RunE: func(c *cobra.Command, args []string) error {
			ids, err := idsGiven(args, "a message", "inbound")
			if err != nil {
				return err
			}
			if err := r.possible(c, ids); err != nil {
				return err
			}
			need := bot.Existing
			if r.dryRun {
				need = bot.Looking
			}
			return a.withBotOn(need, func(ctx context.Context, b *bot.Bot, _ []string) error {
				if r.reason != "" {
					if ids, err = setAsideFor(a, c, b, r); err != nil || len(ids) == 0 || r.dryRun {
						return err
					}
				}
				return readAgain(ctx, a, b, ids, inbound.Again{By: nameGiven(r.as), Vouches: r.as != ""})
			})(c, args)
		},
	}
	c.Flags().StringVar(&r.as, "as", "", "your `NAME`: you vouch for the sender, whom you have verified another way")
	c.Flags().StringVar(&r.reason, "reason", "", "all that were set aside for this `REASON`, as inbound has it")
	c.Flags().BoolVar(&r.dryRun, "dry-run", false, "with --reason: list them, and change nothing")
	c.Flags().BoolVar(&r.yes, "yes", false, "with --reason: do not ask")
	return c
}

// possible returns an error unless the flags go together. Somebody vouches only for what they have named: each sender was
// verified, or none.
func (r requeue) possible(c *cobra.Command, ids []int64) error {
	var known []string
	for _, why := range intake.SetAside() {
		known = append(known, string(why))
	}
	switch {
	case c.Flags().Changed("as") && strings.TrimSpace(r.as) == "":
		return usageError{errors.New("--as needs your name, in which you vouch for the sender")}
	case len(ids) == 0 && !c.Flags().Changed("reason"):
		return usageError{fmt.Errorf("expected: %s; see: %s --help", strings.TrimSuffix(c.UseLine(), " [flags]"), c.CommandPath())}
	case len(ids) > 0 && c.Flags().Changed("reason"):
		return usageError{errors.New("expected the numbers of messages or --reason, and not both")}
	case len(ids) > 0 && (r.dryRun || r.yes):
		return usageError{errors.New("--dry-run and --yes go with --reason: what is named by its number is read at once")}
	case len(ids) > 0:
		return nil
	case !slices.Contains(known, r.reason):
		return usageError{fmt.Errorf("no message is set aside for the reason %q: expected one of %s%s", r.reason,
			strings.Join(known, ", "), intake.DidYouMean(r.reason, known))}
	case r.reason == string(intake.WhyOld):
		return usageError{errors.New("a copy of an old email may be somebody else's doing: " +
			"once you know that one is not, name it by its number, without --reason")}
	case r.as != "":
		return usageError{errors.New("--as vouches for a sender whom you have verified: name each message by its number, without --reason")}
	case r.dryRun && r.yes:
		return usageError{errors.New("expected --dry-run or --yes, not both")}
	}
	return nil
}

// setAsideFor lists the messages that were set aside for a reason, and asks whether to read them again, unless they are only to
// be listed. It returns their numbers, the oldest first; none where there are none.
func setAsideFor(a *app, c *cobra.Command, b *bot.Bot, r requeue) (ids []int64, err error) {
	t := newTable(a.stdout, false, layout.Column{Head: "ID", Number: true}, layout.Column{Head: "RECEIVED", Weight: 1},
		layout.Column{Head: "FROM"}, layout.Column{Head: "SUBJECT"})
	all := b.Store.ListInbound(c.Context(), store.Listing{First: pageLength,
		States: []string{string(intake.OutcomeQuarantined), string(intake.OutcomeRefused)}})
	for m, err := range all {
		if err != nil {
			return nil, err
		}
		if string(m.Reason) != r.reason || !m.IsSetAside() {
			continue
		}
		if ids = append(ids, m.ID); len(ids) <= pageLength {
			if err := t.row(fmt.Sprint(m.ID), moment(b.Settings, m.ReceivedAt), orDash(m.From), m.Subject); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		_, err := fmt.Fprintf(a.stdout, "no message is set aside for the reason %s\n", r.reason)
		return nil, err
	}
	if err := t.flush(); err != nil {
		return nil, err
	}
	if more := len(ids) - pageLength; more > 0 {
		fmt.Fprintf(a.stdout, "and %d older: `mfabot inbound --state quarantined,refused` lists them\n", more)
	}
	which := templates.Counted(len(ids), "message")
	if r.dryRun {
		_, err := fmt.Fprintf(a.stdout, "%s would be read again\n", which)
		return ids, err
	}
	return ids, goesOn(a, c, r.yes, "Read "+which+" again?")
}

// readAgain has messages read again, and says what became of each. One that cannot be read does not keep the others from it.
func readAgain(ctx context.Context, a *app, b *bot.Bot, ids []int64, as inbound.Again) error {
	var failed []error
	for _, id := range ids {
		end, err := b.Desk.Requeue(ctx, id, as)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, intake.ErrNotFound):
			err = fmt.Errorf("there is no message %d: `mfabot inbound` lists them", id)
		case errors.Is(err, intake.ErrPurged):
			err = fmt.Errorf("message %d is %w: ask the sender to send it again", id, intake.ErrPurged)
		case err == nil:
			words := string(end.Outcome)
			if end.Reason != "" {
				words += " (" + string(end.Reason) + ")"
			}
			if end.Ref != "" {
				words += ", " + end.Ref
			}
			fmt.Fprintf(a.stdout, "message %d: %s\n", id, words)
			if end.Outcome == intake.OutcomeQuarantined {
				err = fmt.Errorf("message %d is still set aside: `mfabot why %d` says why", id, id)
			} else if end.IsSetAside() {
				err = fmt.Errorf("message %d is refused as before: `mfabot why %d` says why", id, id)
			}
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(ids) > 1 {
		fmt.Fprintf(a.stdout, "%d of %s read again and dealt with\n", len(ids)-len(failed), templates.Counted(len(ids), "message"))
	}
	return errors.Join(failed...)
}
