package main

import (
	"cmp"
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
)

func newOutbound(a *app) *cobra.Command {
	l := &list{known: []string{string(intake.Queued), string(intake.Sent), string(intake.Failed)}}
	c := &cobra.Command{
		Use:     "outbound",
		Short:   "The letters, sent and still to be sent, the newest first",
		Example: "  mfabot outbound --state queued\n  mfabot outbound --site FX101 --json",
		Args:    usage(cobra.NoArgs),
		RunE: l.checked(a.withBotOn(bot.Looking, func(ctx context.Context, b *bot.Bot, _ []string) error {
			wanted, err := l.listing(ctx, b.Store, b.Settings)
			if err != nil {
				return err
			}
			columns := []layout.Column{{Head: "ID", Number: true}, {Head: "STATE", Colour: stateColour}, {Head: "TO"},
				{Head: "SUBJECT", Least: 30, Tail: true}, {Head: "ATTEMPTS", Weight: 1, Number: true},
				{Head: "LAST ERROR", Weight: 2, Least: 20}}
			return printList(a, l, "letters", columns, b.Store.ListOutbound(ctx, wanted), func(o intake.Outbound) (shownRow, error) {
				v, err := viewOutbound(ctx, b, o)
				state, failed := v.State, v.LastError
				if !v.BouncedAt.IsZero() {
					state += ", bounced"
					failed = cmp.Or(failed, v.BounceStatus)
				}
				to := o.To
				if v.WentTo != "" {
					to = v.WentTo + ", for " + o.To
				}
				return shownRow{v, []string{strconv.FormatInt(o.ID, 10), state, to, v.Subject, strconv.Itoa(v.Attempts),
					orDash(failed)}}, err
			})
		})),
	}
	l.flags(c)
	return c
}
