package desk

import (
	"context"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/parser"
)

// Requeue processes again a message that was quarantined, or refused for who wrote it, from its stored bytes and with the
// present configuration, and returns its new outcome. Where only its beginning is stored it is read again from its mailbox,
// and so is the message in whose place the mail server had handed over a note. Where the operator vouches for the sender, a
// site's message counts as proven. Nobody can vouch for a reviewer's decision.
func (d *Desk) Requeue(ctx context.Context, id int64, as inbound.Again) (intake.Conclusion, error) {
	as.By = strings.TrimSpace(as.By)
	m, err := d.messages.Message(ctx, id)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if !m.IsSetAside() {
		return intake.Conclusion{}, fmt.Errorf("message %d is neither quarantined nor refused for who wrote it: its outcome is %s %s",
			id, m.Outcome, m.Reason)
	}
	if _, ok := d.Mailboxes[m.Mailbox]; !ok {
		return intake.Conclusion{}, fmt.Errorf(
			"message %d arrived in the mailbox %q, which the configuration does not have", id, m.Mailbox)
	}
	if m.Whole != "" {
		if m.Raw, err = d.boxes.Whole(ctx, m); err != nil {
			return intake.Conclusion{}, err
		}
	}
	if note, instead := parser.InPlace(m.Raw); instead {
		if m.Raw, err = d.boxes.Original(ctx, m, note); err != nil {
			return intake.Conclusion{}, err
		}
		return d.inbox.TakeOriginal(ctx, m, as)
	}
	return d.inbox.TakeAgain(ctx, m, as)
}
