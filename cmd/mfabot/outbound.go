package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

func newOutbound(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "outbound",
		Short:   "The letters, sent and still to be sent",
		Example: "  mfabot outbound\n  mfabot outbound --json | jq 'select(.state == \"failed\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withBotOn(bot.Looking, func(ctx context.Context, b *bot.Bot, _ []string) error {
			messages, err := b.Store.Outbound(ctx)
			if err != nil {
				return err
			}
			t := newTable(a.stdout, "ID", "STATE", "TO", "SUBJECT", "ATTEMPTS", "LAST ERROR")
			for _, o := range messages {
				v, err := viewOutbound(b, o)
				if err != nil {
					return err
				}
				if asJSON {
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
					continue
				}
				state := v.State
				if !v.BouncedAt.IsZero() {
					state += ", bounced"
				}
				t.row(strconv.FormatInt(o.ID, 10), state, o.To, v.Subject, strconv.Itoa(v.Attempts), orDash(v.LastError))
			}
			if asJSON {
				return nil
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}
