package main

import (
	"context"
	"fmt"
	"io"

	"mfabot/cmd/mfabot/internal/bot"
)

// exemptByHand says that somebody must be exempted by hand, where there is no directory.
func exemptByHand(w io.Writer, b *bot.Bot, who string) {
	if b.Settings.Directory == nil {
		fmt.Fprintf(w, "Exempt %s in the directory now, as mfabot does not do it. You will be told when to undo it.\n", who)
	}
}

// endByHand says that exemptions must be ended by hand, where there is no directory.
func endByHand(w io.Writer, b *bot.Bot, who string) {
	if b.Settings.Directory == nil {
		fmt.Fprintf(w, "End the exemption of %s in the directory now, as mfabot does not do it.\n", who)
	}
}

// tellDirectory has the directory make the changes of a command at once, and says how that went. The bot
// keeps trying those that fail.
func (a *app) tellDirectory(ctx context.Context, b *bot.Bot, refs ...string) error {
	if b.Settings.Directory == nil || len(refs) == 0 {
		return nil
	}
	waiting := 0
	for _, ref := range refs {
		_, failed := b.Enforcer.Enforce(ctx, ref)
		if failed != nil {
			fmt.Fprintln(a.stderr, "mfabot:", failed)
		}
		open, err := b.Store.OpenActions(ctx, ref)
		if err != nil {
			return err
		}
		waiting += len(open)
	}
	switch {
	case waiting == 0 && len(refs) == 1:
		fmt.Fprintln(a.stdout, "The directory has taken the change.")
	case waiting == 0:
		fmt.Fprintln(a.stdout, "The directory has taken the changes.")
	case len(refs) == 1:
		fmt.Fprintln(a.stdout, "The directory has not taken the change yet: the bot keeps trying.")
	default:
		fmt.Fprintf(a.stdout, "The directory has not taken %d of %d changes yet: the bot keeps trying.\n", waiting, len(refs))
	}
	return nil
}
