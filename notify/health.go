package notify

import (
	"context"
	"errors"
	"time"

	"mfabot/intake"
)

// triedEvery is how often the server is tried while nothing is sent, so that a login that it refuses by now is known before
// there is something to send; and failedEvery is how often while it cannot be reached. One that turns us away is left alone
// for longer and longer, as with a message.
const (
	triedEvery  = time.Hour
	failedEvery = 5 * time.Minute
)

// Trouble returns since when the server cannot be reached or refuses us, and what it said last. It may be called at any time.
func (s *Sender) Trouble() intake.HealthState { return s.health.State() }

// Unheard is Trouble for what goes to the operator, of which the server has refused the last email.
func (s *Sender) Unheard() intake.HealthState { return s.operator.State() }

// tryServer connects and logs in, unless something was tried lately. That the server turns us away the operator is told as of a letter.
func (s *Sender) tryServer(ctx context.Context) error {
	now := s.clock()
	if !s.health.State().IsStale(now, triedEvery, failedEvery) {
		return nil
	}
	code, err := s.line.try(ctx)
	switch {
	case err == nil:
		s.stops, s.resumeAt = 0, time.Time{}
		s.health.Works(now)
	case ctx.Err() != nil:
	default:
		s.health.Fails(now, said(err))
		if code > 0 {
			s.rest(1, code >= 500)
		}
		if code >= 500 {
			err = errors.Join(err, s.queue.Stopped(context.WithoutCancel(ctx), said(err)))
		}
	}
	return err
}
