package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

func newInbound(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "inbound",
		Short:   "The ledger: every message that arrived, and what became of it; and those that a mail server does not hand over",
		Example: "  mfabot inbound\n  mfabot inbound --json | jq 'select(.outcome == \"quarantined\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStoreFrom(bot.OpenUnchecked, func(ctx context.Context, db *store.Store, s *config.Settings) error {
			messages, err := db.Inbound(ctx)
			if err != nil {
				return err
			}
			stuck, err := notHandedOver(ctx, db, s)
			if err != nil {
				return err
			}
			if asJSON {
				for _, m := range messages {
					if err := printJSON(a.stdout, viewInbound(m)); err != nil {
						return err
					}
				}
				for _, m := range stuck {
					if err := printJSON(a.stdout, viewStuck(m)); err != nil {
						return err
					}
				}
				return nil
			}
			t := newTable(a.stdout, "ID", "RECEIVED", "FROM", "SUBJECT", "OUTCOME", "REASON", "REF")
			for _, m := range messages {
				t.row(strconv.FormatInt(m.ID, 10), moment(s, m.ReceivedAt), orDash(m.From), m.Subject,
					string(m.Outcome), orDash(string(m.Reason)), orDash(m.Ref))
			}
			for _, m := range stuck {
				t.row("-", moment(s, m.Since), "-", fmt.Sprintf("UID %d of %s", m.UID, m.Mailbox), string(m.Step), m.Cause, "-")
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
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
