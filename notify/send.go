package notify

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math"
	"slices"
	"time"

	"mfabot/intake"
)

const (
	// batch is how many messages one step takes if there is no rate limit.
	batch = 50
	// maxError bounds the error text kept, in runes.
	maxError = 500
)

// Sender delivers what is due. It keeps its connection between steps. Only one goroutine may use it at a
// time.
type Sender struct {
	queue    Queue
	composer *Composer
	line     *line
	interval time.Duration // between two messages; zero for no limit
	clock    func() time.Time
	log      *slog.Logger
	nextAt   time.Time

	row      []*setback // what the server has refused since it last took a message, of this step
	stops    int        // how often in a row it has refused us
	resumeAt time.Time  // nothing is tried before
	health   intake.Health
	operator intake.Health // of what goes to the operator
}

// NewSender returns a sender that has not connected yet. clock supplies every recorded time; network
// deadlines use real time.
func NewSender(q Queue, c *Composer, s Submission, clock func() time.Time, log *slog.Logger) *Sender {
	sender := &Sender{queue: q, composer: c, line: &line{submission: s}, clock: clock, log: log}
	if s.PerMinute > 0 {
		sender.interval = time.Minute / time.Duration(s.PerMinute)
	}
	return sender
}

// NextAt returns when the rate limit allows the next message; until then, Step sends nothing. It is the zero
// time if there is no rate limit or nothing has been sent yet.
func (s *Sender) NextAt() time.Time { return s.nextAt }

// Close ends the connection, if any. The sender can still be used afterwards.
func (s *Sender) Close() error { return s.line.close() }

// Step delivers one batch of what is due now, and returns how many messages the server accepted. Under a rate
// limit, a batch is one message. What the server refuses is put back, longer each time. It is given up if the server
// refuses it for good while others get through, or after at least five days and eleven attempts, and never while the
// server refuses us: then nothing is tried for a while, but what an operator wants at once. With nothing due, the server is tried at first
// and then every hour.
//
// The error is from the store or ctx, or says that the server cannot be reached or will not have us; the
// rest of the batch is then put back too, so that the next step does not find it due. When ctx ends, the
// current message is finished and recorded, and no other is begun.
func (s *Sender) Step(ctx context.Context) (sent int, err error) {
	now := s.clock()
	if now.Before(s.nextAt) {
		return 0, nil
	}
	resting := s.isResting(now)
	due, err := s.due(ctx, now, resting)
	if err != nil {
		return 0, fmt.Errorf("outbound messages due: %w", err)
	}
	if len(due) == 0 {
		if resting {
			return 0, nil
		}
		return 0, s.tryServer(ctx)
	}
	record := context.WithoutCancel(ctx)
	for i, o := range due {
		if err = ctx.Err(); err != nil {
			break
		}
		var took bool
		took, err = s.deliver(ctx, o)
		if took {
			sent++
		}
		if s.isStopped() || isUnreachable(err) && ctx.Err() == nil {
			err = errors.Join(err, s.endRow(record))
			return sent, s.putBackRest(record, due[i+1:], err)
		}
		if err != nil {
			break
		}
	}
	return sent, errors.Join(err, s.endRow(record))
}

// due returns what is tried in a step: while the server rests, only what an operator wants to be tried at once, as somebody does who
// has mended what it refused us for.
func (s *Sender) due(ctx context.Context, now time.Time, resting bool) ([]intake.Outbound, error) {
	limit := batch
	if s.interval > 0 {
		limit = 1
	}
	if !resting {
		return s.queue.Due(ctx, now, limit)
	}
	wanted, err := s.queue.Wanted(ctx)
	if err != nil || !wanted {
		return nil, err
	}
	due, err := s.queue.Due(ctx, now, batch)
	due = slices.DeleteFunc(due, func(o intake.Outbound) bool { return !o.DueAt.IsZero() })
	return due[:min(limit, len(due))], err
}

// deliver makes one attempt at a message and records the result, even if ctx ends meanwhile. A refusal of
// this message is not an error, and may be decided on later.
func (s *Sender) deliver(ctx context.Context, o intake.Outbound) (took bool, err error) {
	now := s.clock()
	err = s.queue.Attempt(ctx, o.ID, now)
	if errors.Is(err, intake.ErrStale) { // overtaken since it was found due
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("attempt at outbound message %d: %w", o.ID, err)
	}
	o.Attempts++
	record := context.WithoutCancel(ctx)
	msg, err := s.composer.Compose(ctx, o, now)
	if err != nil {
		return false, s.refused(record, o, err)
	}
	err = s.line.send(ctx, msg, fromNobody(o))
	if s.interval > 0 {
		s.nextAt = s.clock().Add(s.interval)
	}
	if err != nil {
		return false, s.refused(record, o, err)
	}
	if err := s.queue.Sent(record, o.ID, s.clock(), msg.as); err != nil {
		return true, fmt.Errorf("outbound message %d was sent, which is not on record: %w", o.ID, err)
	}
	if o.To == s.composer.service.Operator {
		s.operator.Works(s.clock())
	}
	s.log.InfoContext(ctx, "sent", "outbound", o.ID, "template", string(o.Template), "ref", o.Ref)
	if msg.instead != nil {
		if err := s.queue.WordsFailed(record, o.Template, msg.instead.Error()); err != nil {
			return true, fmt.Errorf("that outbound message %d has other words than meant: %w", o.ID, err)
		}
	}
	return true, s.took(record, o.To)
}

// fromNobody reports whether a message goes out with the null sender, so that it never bounces: an automatic
// answer does (RFC 3834, section 3.3). One to a site does not, because what cannot be delivered goes to the
// site's next contact.
func fromNobody(o intake.Outbound) bool { return o.Answer && o.Facts.Audience != intake.ToSite }

// putBackRest puts back messages not tried because of the server, and returns that cause. None is
// given up untried.
func (s *Sender) putBackRest(ctx context.Context, rest []intake.Outbound, cause error) error {
	now := s.clock()
	text := said(cause)
	for _, o := range rest {
		due := now.Add(wait(o))
		if s.isResting(now) {
			due = s.resumeAt
		}
		if err := unlessOvertaken(s.queue.Retry(ctx, o.ID, due, text)); err != nil {
			return fmt.Errorf("putting back outbound message %d: %w", o.ID, err)
		}
	}
	return cause
}

// unlessOvertaken returns the error of recording an attempt, or nil if the message was meanwhile taken out of
// the queue.
func unlessOvertaken(err error) error {
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	return err
}

// jitter maps a message to [0, 1]; the same message always gets the same value, so that a run can be
// repeated.
func jitter(messageID string) float64 {
	h := fnv.New32a()
	h.Write([]byte(messageID))
	return float64(h.Sum32()) / math.MaxUint32
}
