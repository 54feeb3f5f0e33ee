package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
)

// What the server has accepted is recorded together, as each record waits for the disk, but soon.
const (
	mostAccepted = 50                    // at once
	acceptedFor  = 25 * time.Millisecond // until the next message is begun, and again while the server keeps us waiting
)

// acceptance is a message that the server has taken.
type acceptance struct {
	intake.Outbound
	as      intake.SentAs
	at      time.Time
	instead error // why it has other words than it was meant to have; nil if it has not
}

// took notes that the server has accepted a message, and decides on those that it refused before.
func (s *Sender) took(ctx context.Context, o intake.Outbound, msg *Message) error {
	at := s.clock()
	s.accepted = append(s.accepted, acceptance{o, msg.as, at, msg.instead})
	s.line.overdue = func() bool { return s.clock().Sub(s.accepted[0].at) >= acceptedFor }
	s.line.soon = func() {
		if err := s.recordNow(ctx); err != nil && len(s.accepted) == 0 { // otherwise it is tried again
			s.late = errors.Join(s.late, err)
		}
	}
	s.stops, s.resumeAt = 0, time.Time{}
	s.health.Works(at)
	if o.To == s.composer.service.Operator {
		s.operator.Works(at)
	}
	if len(s.accepted) >= mostAccepted || len(s.row) > 0 || at.Sub(s.accepted[0].at) >= acceptedFor {
		if err := s.record(ctx); err != nil {
			return err
		}
	}
	return s.forgive(ctx, o.To)
}

// record puts on record what the server has accepted. After an error of the store it is tried again by the next call. The error is
// also what went wrong while the server kept us waiting.
func (s *Sender) record(ctx context.Context) error {
	late := s.late
	s.late = nil
	return errors.Join(late, s.recordNow(ctx))
}

func (s *Sender) recordNow(ctx context.Context) error {
	if len(s.accepted) == 0 {
		return nil
	}
	sent := make([]intake.Accepted, len(s.accepted))
	for i, a := range s.accepted {
		sent[i] = intake.Accepted{ID: a.ID, At: a.at, As: a.as}
	}
	err := s.queue.Sent(ctx, sent...)
	if err != nil {
		err = fmt.Errorf("%d outbound messages were sent, which is not on record: %w", len(sent), err)
	}
	if err != nil && !errors.Is(err, intake.ErrStale) {
		return err
	}
	recorded := s.accepted
	s.accepted, s.line.soon = nil, nil
	for _, a := range recorded {
		s.log.InfoContext(ctx, "sent", "outbound", a.ID, "template", string(a.Template), "ref", a.Ref)
		if a.instead == nil {
			continue
		}
		if told := s.queue.WordsFailed(ctx, a.Template, a.instead.Error()); told != nil {
			err = errors.Join(err, fmt.Errorf("that outbound message %d has other words than meant: %w", a.ID, told))
		}
	}
	return err
}
