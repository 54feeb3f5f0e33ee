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
	// most is how many messages one step takes if there is no rate limit, and stepFor after how long it takes no more of them:
	// what is due is looked for among all that wait, and what is urgent comes first.
	most    = 200
	stepFor = time.Second
	// batch is how many attempts are recorded at once.
	batch = 50
	// idleFor is after how long without a message the connection is left. Some servers read their own settings anew only
	// for the next.
	idleFor = time.Minute
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
	tookAt   time.Time    // when it last had something to deliver
	accepted []acceptance // by the server, and not on record yet
	late     error        // of what was recorded while the server kept us waiting

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

// Close ends the connection, if any, and records what the server accepted and could not be recorded before. The sender can
// still be used afterwards.
func (s *Sender) Close() error {
	s.line.leave()
	return s.record(context.Background())
}

// Step delivers some of what is due now, and returns how many messages the server accepted. Under a rate
// limit that is one message. What the server refuses is put back, longer each time. It is given up if the server
// refuses it for good while others get through, or after at least five days and eleven attempts, and never while the
// server refuses us: then nothing is tried for a while, but what an operator wants at once. With nothing due, the server is tried at first
// and then every hour.
//
// The attempts at a batch are on record before the first is made. What the server accepts is on record when 50 messages
// are, or 50 ms later, or at the end of the step: if the process is killed, at most these go out again, each with the
// Message-ID that it had.
//
// The error is from the store or ctx, or says that the server cannot be reached or will not have us; the
// rest is then put back too, so that the next step does not find it due. When ctx ends, the
// current message is finished and recorded, and no other is begun.
func (s *Sender) Step(ctx context.Context) (sent int, err error) {
	record := context.WithoutCancel(ctx)
	if err := s.record(record); err != nil { // of the step before
		return 0, err
	}
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
		if now.Sub(s.tookAt) >= idleFor {
			s.line.leave()
		}
		if resting {
			return 0, nil
		}
		return 0, s.tryServer(ctx)
	}
	if slices.ContainsFunc(due, isWanted) { // by who may have mended what the server reads for a new connection
		s.line.leave()
	}
	sent, rest, err := s.deliverSome(ctx, due)
	s.tookAt = s.clock()
	err = errors.Join(err, s.record(record))
	stopped := s.isStopped() || isUnreachable(err) && ctx.Err() == nil
	err = errors.Join(err, s.endRow(record))
	if stopped {
		rest = s.putOff(rest, err)
	}
	if len(rest) > 0 {
		if put := s.queue.Skip(record, rest); put != nil {
			err = errors.Join(err, fmt.Errorf("putting back %d outbound messages: %w", len(rest), put))
		}
	}
	return sent, err
}

// due returns what is tried in a step: while the server rests, only what an operator wants to be tried at once, as somebody does who
// has mended what it refused us for.
func (s *Sender) due(ctx context.Context, now time.Time, resting bool) ([]intake.Outbound, error) {
	limit := most
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
	due, err := s.queue.Due(ctx, now, most)
	due = slices.DeleteFunc(due, func(o intake.Outbound) bool { return !isWanted(o) })
	return due[:min(limit, len(due))], err
}

// isWanted reports whether an operator wants a message to be tried at once.
func isWanted(o intake.Outbound) bool { return o.DueAt.IsZero() }

// deliverSome makes an attempt at each of some messages, a batch at a time. rest are those that were not tried, as ctx has ended
// or the server has refused us.
func (s *Sender) deliverSome(ctx context.Context, due []intake.Outbound) (sent int, rest []intake.Outbound, err error) {
	began := s.clock()
	for len(due) > 0 && s.clock().Sub(began) < stepFor {
		some := due[:min(batch, len(due))]
		due = due[len(some):]
		if some, err = s.try(ctx, some); err != nil {
			return sent, nil, err
		}
		n, rest, err := s.deliverAll(ctx, some)
		sent += n
		if err != nil || s.isStopped() {
			return sent, slices.Concat(rest, due), err
		}
	}
	return sent, nil, nil
}

// try records attempts at messages, and returns those that are still in the queue.
func (s *Sender) try(ctx context.Context, due []intake.Outbound) ([]intake.Outbound, error) {
	ids := make([]int64, len(due))
	for i, o := range due {
		ids[i] = o.ID
	}
	waiting, err := s.queue.Try(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("attempts at %d outbound messages: %w", len(due), err)
	}
	return slices.DeleteFunc(slices.Clone(due), func(o intake.Outbound) bool { return !slices.Contains(waiting, o.ID) }), nil
}

// deliverAll makes an attempt at each of some messages. While the server takes one, the next is composed. rest are those
// that were not tried, as ctx has ended or the server has refused us.
func (s *Sender) deliverAll(ctx context.Context, due []intake.Outbound) (sent int, rest []intake.Outbound, err error) {
	var next *draft
	for i, o := range due {
		if err := ctx.Err(); err != nil {
			return sent, due[i:], err
		}
		d := next
		next = nil
		waiting, err := s.queue.Waits(ctx, o.ID)
		if err != nil {
			return sent, due[i:], fmt.Errorf("whether outbound message %d is in the queue: %w", o.ID, err)
		}
		if !waiting { // overtaken since it was found due
			continue
		}
		if d == nil {
			d = s.compose(ctx, o)
		}
		if err := ctx.Err(); err != nil { // which may be all that is wrong with it
			return sent, due[i:], err
		}
		took, err := s.deliver(ctx, d, func() {
			if i+1 < len(due) && next == nil {
				next = s.compose(ctx, due[i+1])
			}
		})
		if took {
			sent++
		}
		if err != nil || s.isStopped() {
			return sent, due[i+1:], err
		}
	}
	return sent, nil, nil
}

// draft is a message that was composed, or what kept it from being.
type draft struct {
	intake.Outbound
	msg *Message
	err error
}

func (s *Sender) compose(ctx context.Context, o intake.Outbound) *draft {
	msg, err := s.composer.Compose(ctx, o, s.clock())
	return &draft{o, msg, err}
}

// deliver makes one attempt at a message, even if ctx ends meanwhile. A refusal of this message is not an error, and may be
// decided on later. meanwhile may be called, while the server works.
func (s *Sender) deliver(ctx context.Context, d *draft, meanwhile func()) (took bool, err error) {
	record := context.WithoutCancel(ctx)
	err = d.err
	if err == nil {
		err = s.line.send(ctx, d.msg, fromNobody(d.Outbound), meanwhile)
		if s.interval > 0 {
			s.nextAt = s.clock().Add(s.interval)
		}
	}
	o := d.Outbound
	o.Attempts++
	if err != nil {
		return false, s.refused(record, o, err)
	}
	return true, s.took(record, o, d.msg)
}

// fromNobody reports whether a message goes out with the null sender, so that it never bounces: an automatic
// answer does (RFC 3834, section 3.3). One to a site does not, because what cannot be delivered goes to the
// site's next contact.
func fromNobody(o intake.Outbound) bool { return o.Answer && o.Facts.Audience != intake.ToSite }

// putOff is when messages are due that were not tried because of the server. None is given up untried.
func (s *Sender) putOff(rest []intake.Outbound, cause error) []intake.Outbound {
	now := s.clock()
	rest = slices.Clone(rest)
	for i := range rest {
		rest[i].DueAt, rest[i].LastError = now.Add(wait(rest[i])), said(cause)
		if s.isResting(now) {
			rest[i].DueAt = s.resumeAt
		}
	}
	return rest
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
