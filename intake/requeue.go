package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Requeue reads a quarantined message again, from its stored bytes and by the
// configuration as it is now, and gives it the outcome that follows. With a name in
// as, an operator of that name vouches for the sender, having made sure by another
// way: a site's message is then taken. A reviewer's decision is never vouched for.
func (d *Desk) Requeue(ctx context.Context, id int64, as string) (Conclusion, error) {
	m, err := d.messages.Message(ctx, id)
	if err != nil {
		return Conclusion{}, err
	}
	if m.Outcome != AsQuarantined {
		return Conclusion{}, fmt.Errorf("message %d was not quarantined: it ended as %s", id, m.Outcome)
	}
	if _, watched := d.Mailboxes[m.Mailbox]; !watched {
		return Conclusion{}, fmt.Errorf("message %d came into the mailbox %q, which the configuration does not have", id, m.Mailbox)
	}
	return d.inbox.TakeAgain(ctx, m, strings.TrimSpace(as))
}

// TakeAgain takes a quarantined message again. With a name in as, somebody of that name
// vouches for the sender; for a reviewer nobody does.
func (in *Inbox) TakeAgain(ctx context.Context, m *Inbound, as string) (Conclusion, error) {
	r := in.read(ctx, ctx, m.Arrival)
	if r.held != nil {
		return Conclusion{}, fmt.Errorf("message %d cannot be dealt with yet: %w", m.ID, r.held)
	}
	if as != "" {
		if err := in.vouched(ctx, r, as); err != nil {
			return Conclusion{}, err
		}
	}
	var c Conclusion
	err := in.update(ctx, func(tx InboundTx) (err error) {
		was := m.Conclusion
		m.Checks = nil
		if err := tx.Reopen(ctx, m.ID); err != nil {
			return err
		}
		if c, err = in.conclude(ctx, tx, r, m); err != nil {
			return err
		}
		return tx.Record(ctx, HistoryEntry{Ref: c.Ref, At: tx.Now, Event: "requeued", By: as,
			Text: fmt.Sprintf("message %d, quarantined before (%s)", m.ID, was.Reason)})
	})
	return c, err
}

// vouched has a message count as proven, since somebody vouches for its sender.
func (in *Inbox) vouched(ctx context.Context, r *reading, as string) error {
	if _, reviewer := in.Reviewers.ByAddress(r.msg.From); reviewer || r.msg.From == "" {
		return errors.New("nobody vouches for a reviewer, or for a message without one author: `mfabot decide` records what a reviewer decided")
	}
	r.msg.Automatic = false                            // a person is vouched for as well
	if err := in.scan(ctx, r.msg, r.Raw); err != nil { // of nobody that is proven, they were not
		return fmt.Errorf("the files of message %d of mailbox %s cannot be checked: %w", r.UID, r.Mailbox, err)
	}
	r.verdict = Verdict{Authentic: true, Checks: []Check{{Name: "vouched", Passed: true, Result: as + " vouches for the sender"}}}
	return nil
}
