package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

func newInbound(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "inbound",
		Short:   "The ledger: every message that arrived, and what became of it",
		Example: "  mfabot inbound\n  mfabot inbound --json | jq 'select(.outcome == \"quarantined\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStoreFrom(bot.OpenUnchecked, func(ctx context.Context, db *store.Store, s *config.Settings) error {
			messages, err := db.Inbound(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				for _, m := range messages {
					if err := printJSON(a.stdout, viewInbound(m)); err != nil {
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
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}
