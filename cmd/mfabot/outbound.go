package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"mfabot/intake"
)

func newOutbound(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "outbound",
		Short:   "The messages to send and sent",
		Example: "  mfabot outbound\n  mfabot outbound --json | jq 'select(.state == \"failed\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withBot(func(ctx context.Context, b *bot, _ []string) error {
			messages, err := b.store.Outbound(ctx)
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

// viewOutbound shows a message to the operator. Its Message-ID is the one it goes out
// with, by which it is found in mailboxes and on mail servers; that of a review email
// holds its code.
func viewOutbound(b *bot, o intake.Outbound) (outboundView, error) {
	o = b.intake.WithCode(o)
	o.Facts.Token = "" // the code in the subject is its reviewer's alone
	at := o.SentAt
	if at.IsZero() {
		at = b.clock()
	}
	subject, err := b.composer.Subject(o.Letter, at)
	return outboundView{ID: o.ID, MessageID: o.MessageID, Ref: o.Ref, Template: string(o.Template), To: []string{o.To}, Subject: subject,
		State: string(o.State), Attempts: o.Attempts, DueAt: o.DueAt, SentAt: o.SentAt, LastError: o.LastError,
		BouncedAt: o.BouncedAt, BounceStatus: o.BounceStatus, StandsFor: o.StandsFor}, err
}
