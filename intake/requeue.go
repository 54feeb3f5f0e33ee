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
func (in *Intake) Requeue(ctx context.Context, id int64, as string) (Conclusion, error) {
	m, err := in.store.Message(ctx, id)
	if err != nil {
		return Conclusion{}, err
	}
	if m.Outcome != AsQuarantined {
		return Conclusion{}, fmt.Errorf("message %d was not quarantined: it ended as %s", id, m.Outcome)
	}
	if _, watched := in.Mailboxes[m.Mailbox]; !watched {
		return Conclusion{}, fmt.Errorf("message %d came into the mailbox %q, which the configuration does not have", id, m.Mailbox)
	}
	r := in.read(ctx, ctx, m.Arrival)
	if r.held != nil {
		return Conclusion{}, fmt.Errorf("message %d cannot be dealt with yet: %w", id, r.held)
	}
	if as = strings.TrimSpace(as); as != "" {
		if _, reviewer := in.Reviewers.ByAddress(r.msg.From); reviewer || r.msg.From == "" {
			return Conclusion{}, errors.New("nobody vouches for a reviewer, or for a message without one author: `mfabot decide` records what a reviewer decided")
		}
		r.msg.Automatic = false                            // a person is vouched for as well
		if err := in.scan(ctx, r.msg, m.Raw); err != nil { // of nobody that is proven, they were not
			return Conclusion{}, fmt.Errorf("the files of message %d cannot be checked: %w", id, err)
		}
		r.verdict = Verdict{Authentic: true, Checks: []Check{{Name: "vouched", Passed: true, Result: as + " vouches for the sender"}}}
	}
	var c Conclusion
	err = in.store.Update(ctx, func(tx Tx) error {
		now, was := in.now(), m.Conclusion
		m.Checks = nil
		if err := tx.Reopen(ctx, id); err != nil {
			return err
		}
		var err error
		if c, err = in.conclude(ctx, tx, now, r, m); err != nil {
			return err
		}
		return tx.Record(ctx, HistoryEntry{Ref: c.Ref, At: now, Event: "requeued", By: as,
			Text: fmt.Sprintf("message %d, quarantined before (%s)", id, was.Reason)})
	})
	return c, err
}
