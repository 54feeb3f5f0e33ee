package inbound

import (
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
)

// TakeAgain takes a quarantined message again. With a name in as, somebody of that name
// vouches for the sender; for a reviewer nobody does.
func (in *Inbox) TakeAgain(ctx context.Context, m *intake.Inbound, as string) (intake.Conclusion, error) {
	r := in.reader.read(ctx, ctx, m.Arrival)
	if r.held != nil {
		return intake.Conclusion{}, fmt.Errorf("message %d cannot be dealt with yet: %w", m.ID, r.held)
	}
	if as != "" {
		if err := in.reader.vouched(ctx, m.ID, r, as); err != nil {
			return intake.Conclusion{}, err
		}
	}
	var c intake.Conclusion
	err := in.update(ctx, func(tx Tx) (err error) {
		was := m.Conclusion
		m.Checks = nil
		if err := tx.Reopen(ctx, m.ID); err != nil {
			return err
		}
		if c, err = in.conclude(ctx, tx, r, m); err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{Ref: c.Ref, At: tx.Now, Event: intake.EventRequeued, By: as,
			Text: fmt.Sprintf("message %d, quarantined before (%s)", m.ID, was.Reason)})
	})
	return c, err
}

// vouched has a message count as proven, since somebody vouches for its sender.
func (r *reader) vouched(ctx context.Context, id int64, m *reading, as string) error {
	if _, reviewer := r.Reviewers.ByAddress(m.msg.From); reviewer || m.msg.From == "" {
		return errors.New("nobody vouches for a reviewer, or for a message without one author: `mfabot decide` records what a reviewer decided")
	}
	m.msg.Automatic = false                           // a person is vouched for as well
	if err := r.scan(ctx, m.msg, m.Raw); err != nil { // of nobody that is proven, they were not
		return fmt.Errorf("the files of message %d cannot be checked: %w", id, err)
	}
	m.verdict = intake.Verdict{Authentic: true, Checks: []intake.Check{{Name: "vouched", Passed: true, Result: as + " vouches for the sender"}}}
	return nil
}
