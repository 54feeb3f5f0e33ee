package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

func newInbound(a *app) *cobra.Command {
	l := &list{known: []string{string(intake.OutcomeRequest), string(intake.OutcomeDecision), string(intake.OutcomeInformation),
		string(intake.OutcomeRenewal), string(intake.OutcomeWithdrawal), string(intake.OutcomeShortTerm), string(intake.OutcomeRefused),
		string(intake.OutcomeIgnored), string(intake.OutcomeQuarantined), string(intake.StuckReading)}}
	c := &cobra.Command{
		Use:     "inbound",
		Short:   "The ledger: every message that arrived, and what became of it; first those that a mail server does not hand over",
		Example: "  mfabot inbound --state quarantined\n  mfabot inbound --site FX101 --since 2026-11-02 --json",
		Args:    usage(cobra.NoArgs),
		RunE: l.checked(a.withStoreFrom(bot.OpenUnchecked, func(ctx context.Context, db *store.Store, s *config.Settings) error {
			wanted, err := l.listing(ctx, db, s)
			if err != nil {
				return err
			}
			stuck, err := notHandedOver(ctx, db, s)
			if err != nil {
				return err
			}
			columns := []layout.Column{{Head: "ID", Number: true}, {Head: "RECEIVED", Weight: 4}, {Head: "FROM"},
				{Head: "SUBJECT", Weight: 2, Least: 14}, {Head: "OUTCOME", Colour: stateColour}, {Head: "REASON", Weight: 3},
				{Head: "REF", Weight: 1}}
			return printList(a, l, "messages", columns, ledger(stuck, wanted, db.ListInbound(ctx, wanted)),
				func(v inboundView) (shownRow, error) {
					id := "-"
					if v.ID > 0 {
						id = strconv.FormatInt(v.ID, 10)
					}
					subject := v.Subject
					if v.ID == 0 {
						subject = fmt.Sprintf("UID %d of %s", v.UID, v.Mailbox)
					}
					return shownRow{v, []string{id, moment(s, v.ReceivedAt), orDash(v.From), subject, v.Outcome,
						orDash(v.Reason), orDash(v.Ref)}}, nil
				})
		})),
	}
	l.flags(c)
	return c
}

// ledger is what is not handed over, where that is wanted, and then the messages on record. Whose it is nobody can know.
func ledger(stuck []intake.Stuck, wanted store.Listing, messages iter.Seq2[intake.Inbound, error]) iter.Seq2[inboundView, error] {
	return func(yield func(inboundView, error) bool) {
		for _, m := range stuck {
			asked := len(wanted.States) == 0 || slices.Contains(wanted.States, string(m.Step))
			if asked && wanted.Site == "" && !m.Since.Before(wanted.Since) && !yield(viewStuck(m), nil) {
				return
			}
		}
		for m, err := range messages {
			if !yield(viewInbound(m), err) {
				return
			}
		}
	}
}

// notHandedOver returns the messages that the mail servers do not hand over, of which nothing else is known.
func notHandedOver(ctx context.Context, db *store.Store, s *config.Settings) (out []intake.Stuck, err error) {
	for _, m := range s.Mailboxes {
		stuck, err := db.Stuck(ctx, m.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(stuck, func(s intake.Stuck) bool { return s.Step != intake.StuckReading })...)
	}
	return out, nil
}
