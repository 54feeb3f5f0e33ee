package desk

import (
	"context"
	"fmt"
	"strings"

	"mfabot/intake"
)

// Requeue reads a quarantined message again, from its stored bytes and by the
// configuration as it is now, and gives it the outcome that follows. With a name in
// as, an operator of that name vouches for the sender, having made sure by another
// way: a site's message is then taken. A reviewer's decision is never vouched for.
func (d *Desk) Requeue(ctx context.Context, id int64, as string) (intake.Conclusion, error) {
	m, err := d.messages.Message(ctx, id)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if m.Outcome != intake.OutcomeQuarantined {
		return intake.Conclusion{}, fmt.Errorf("message %d was not quarantined: it ended as %s", id, m.Outcome)
	}
	if _, watched := d.Mailboxes[m.Mailbox]; !watched {
		return intake.Conclusion{}, fmt.Errorf("message %d came into the mailbox %q, which the configuration does not have", id, m.Mailbox)
	}
	return d.inbox.TakeAgain(ctx, m, strings.TrimSpace(as))
}
