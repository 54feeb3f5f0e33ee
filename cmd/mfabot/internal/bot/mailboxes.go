package bot

import (
	"context"

	"mfabot/intake"
	"mfabot/intake/inbound"
)

// nudging tells the sender's loop when a batch may have left letters to send, and
// notes when one cannot be put on record.
type nudging struct {
	*inbound.Inbox
	bot  *Bot
	name string
}

// Unknown is the Inbox's; where nothing is left to put on record, that is no trouble.
func (n *nudging) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	unknown, err := n.Inbox.Unknown(ctx, mailbox, uidValidity, uids)
	if err != nil || len(unknown) == 0 {
		n.bot.troubles.note(n.name, err)
	}
	return unknown, err
}

// Take is the Inbox's, and then the nudge.
func (n *nudging) Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error) {
	filings, err := n.Inbox.Take(ctx, batch)
	n.bot.troubles.note(n.name, err)
	select {
	case n.bot.nudge <- struct{}{}:
	default:
	}
	return filings, err
}
