package inbound

import (
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
)

// TakeAgain processes a quarantined message again and returns its new outcome. If as is not empty, the person
// of that name vouches for the sender; nobody can vouch for a reviewer.
func (in *Inbox) TakeAgain(ctx context.Context, m *intake.Inbound, as string) (intake.Conclusion, error) {
	r := in.reader.read(ctx, ctx, m.Arrival)
	r.again, r.allowed = true, true
	if r.wait != nil {
		return intake.Conclusion{}, fmt.Errorf("message %d cannot be processed yet: %w", m.ID, r.wait)
	}
	if as != "" {
		if err := in.reader.vouch(ctx, m.ID, r, as); err != nil {
			return intake.Conclusion{}, err
		}
	}
	return in.concludeAgain(ctx, r, m, as)
}

// concludeAgain concludes a quarantined message anew. by is who has it read again.
func (in *Inbox) concludeAgain(ctx context.Context, r *reading, m *intake.Inbound, by string) (intake.Conclusion, error) {
	var c intake.Conclusion
	was := m.Conclusion
	again := func(tx Tx) (err error) {
		m.Checks = nil
		if err := tx.Reopen(ctx, m.ID); err != nil {
			return err
		}
		if c, err = in.conclude(ctx, tx, r, m); err != nil {
			return err
		}
		if err := tx.Keep(ctx, m, storedOf(m.Raw, c)); err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{Ref: c.Ref, At: tx.Now, Event: intake.EventRequeued, By: by,
			Text: fmt.Sprintf("message %d, quarantined before (%s)", m.ID, was.Reason)})
	}
	err := in.panel.Users.Asking(ctx, func() error { return in.update(ctx, again) })
	return c, err
}

// vouch makes a message count as proven, since somebody vouches for its sender.
func (r *reader) vouch(ctx context.Context, id int64, m *reading, as string) error {
	if _, reviewer := r.Reviewers.ByAddress(m.msg.From); reviewer || m.msg.From == "" {
		return errors.New("nobody can vouch for a reviewer, or for a message without exactly one author: " +
			"`mfabot decide` records what a reviewer decided")
	}
	m.msg.Automatic = false                           // this vouches for a person, too
	if err := r.scan(ctx, m.msg, m.Raw); err != nil { // only a proven sender's files are
		return fmt.Errorf("the files of message %d cannot be checked: %w", id, err)
	}
	m.confirmed = true // and that the message was meant for us
	m.verdict = intake.Verdict{Authentic: true,
		Checks: []intake.Check{{Name: "vouched", Passed: true, Result: as + " vouches for the sender"}}}
	return nil
}
