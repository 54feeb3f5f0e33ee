package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// How it is decided what is done about a message that the server did not take.
//
// A reply is about us, the recipient, the message or nobody in particular: see intake.Reply. Nothing is given up as long
// as it may be us, which is always so until others are seen to get through. So what was refused in a row is decided on
// when the server takes a message again, or else at the end of the step: then it is put back, and decided on at a later
// attempt by what the server took meanwhile.

// setback is a message that the server did not take, with what is known of the server.
type setback struct {
	intake.Outbound           // with this attempt counted; TriedAt is of the one before
	at              time.Time // of the refusal
	cause           error
	reply           intake.Reply
	blame           intake.Blame
	// taken is when the server last took a message to anybody else, and refused when one was last refused for good.
	taken, refused time.Time
	later          bool // the server has taken one to somebody else since
}

// fate is what is done about it.
type fate int

const (
	putBack fate = iota
	giveUp
	undecided // nothing yet: it depends on what the server does with others
)

// isPermanent reports whether the server says that the same message is refused the next time as well.
func (r *setback) isPermanent() bool { return r.reply.Code >= 500 }

// othersPass reports whether messages to others were taken since the attempt before this one: then it is not the server
// that is at fault.
func (r *setback) othersPass() bool {
	return r.later || !r.TriedAt.IsZero() && r.taken.After(r.TriedAt)
}

// isOurs reports whether all have to rest. One that is refused again while others are taken rests nobody but itself: it may
// only sound as if it were about us.
func (r *setback) isOurs() bool { return r.blame == intake.BlameUs && !r.othersPass() }

// isOld reports whether it was tried for long enough.
func (r *setback) isOld(now time.Time) bool {
	return now.Sub(r.CreatedAt) >= giveUpAfter && r.Attempts >= giveUpAttempts
}

// fate returns what is done about a message, of which alone says that no other was refused in the same row, as far as that
// is known; last that it will be known no better. An email to the operator is never given up: nobody else would do what it
// asks for.
func (r *setback) fate(now time.Time, alone, last bool) fate {
	passing := r.blame == intake.BlameUs || !r.isPermanent()
	switch {
	case errors.Is(r.cause, ErrUnsendable):
		return giveUp
	case r.Facts.Audience == intake.ToOperator:
	case passing && r.isOld(now) && r.othersPass():
		return giveUp
	case passing:
	case r.blame == intake.BlameNobody && r.reply.Step != intake.AtRcpt:
		if r.Attempts >= sureAttempts && r.othersPass() {
			return giveUp
		}
	case r.othersPass(), last && alone && r.blame != intake.BlameNobody && r.serverWorked():
		return giveUp
	}
	if last || r.later || passing && r.blame != intake.BlameUs {
		return putBack
	}
	return undecided
}

// serverWorked reports whether the last that the server did with messages to others was to take one.
func (r *setback) serverWorked() bool { return !r.taken.IsZero() && !r.taken.Before(r.refused) }

// why returns why the message is given up; text is the error for the operator.
func (r *setback) why(text string) intake.Refusal {
	w := intake.Refusal{Text: text, Status: r.reply.Status}
	if r.isPermanent() {
		atRcpt, nobody := r.reply.Step == intake.AtRcpt, r.blame == intake.BlameNobody
		w.Recipient = r.blame == intake.BlameRecipient || nobody && atRcpt
		w.Content = r.blame == intake.BlameLetter || nobody && !atRcpt
	}
	return w
}

// refused records that an attempt failed, unless that is decided on later. The error says that the server cannot be
// reached or will not let us in, or is the store's.
func (s *Sender) refused(ctx context.Context, o intake.Outbound, cause error) error {
	r := &setback{Outbound: o, at: s.clock(), cause: cause, reply: replyOf(cause)}
	r.blame = r.reply.Blame()
	if o.To == s.composer.service.Operator && r.reply.Code != 0 && !isUnreachable(cause) {
		s.operator.Fails(s.clock(), said(cause))
	}
	if err := s.record(ctx); err != nil { // it is looked at
		return err
	}
	var err error
	if r.taken, r.refused, err = s.queue.LastTaken(ctx, o.To); err != nil {
		return fmt.Errorf("what the server took before: %w", err)
	}
	if isUnreachable(cause) {
		return errors.Join(s.unreachable(ctx, r), cause)
	}
	switch r.fate(s.clock(), false, false) {
	case giveUp:
		return s.giveUp(ctx, r)
	case putBack:
		return s.putBack(ctx, r, wait(r.Outbound))
	case undecided:
	}
	s.row = append(s.row, r)
	return nil
}

// unreachable puts back a message that could not be tried. A server that turned us away is left alone for a while.
func (s *Sender) unreachable(ctx context.Context, r *setback) error {
	var u *unreachable
	errors.As(r.cause, &u)
	s.health.Fails(s.clock(), said(r.cause))
	if u.code == 0 {
		return s.putBack(ctx, r, wait(r.Outbound))
	}
	s.rest(r.Attempts, u.code >= 500)
	err := s.putBack(ctx, r, s.resumeAt.Sub(s.clock()))
	if u.code >= 500 && err == nil {
		err = s.queue.Stopped(ctx, said(r.cause))
	}
	return err
}

// forgive decides on what was refused before the server took a message to an address.
func (s *Sender) forgive(ctx context.Context, to string) error {
	row := s.row
	s.row = nil
	for i, r := range row {
		r.later = r.To != to
		if !r.later && r.blame != intake.BlameUs {
			s.row = append(s.row, r)
			continue
		}
		if err := s.carryOut(ctx, r, r.fate(s.clock(), false, false)); err != nil {
			s.row = append(s.row, row[i+1:]...)
			return err
		}
	}
	return nil
}

// isStopped reports whether the server has refused us for several recipients in a row, so that it is no use to go on.
func (s *Sender) isStopped() bool {
	return recipients(slices.DeleteFunc(slices.Clone(s.row), func(r *setback) bool { return !r.isOurs() })) > 1
}

// recipients is how many there are.
func recipients(row []*setback) int {
	to := make(map[string]bool)
	for _, r := range row {
		to[r.To] = true
	}
	return len(to)
}

// endRow decides on what the server refused last, of this step. It returns the refusal of us, if there was one.
func (s *Sender) endRow(ctx context.Context) (err error) {
	row := s.row
	s.row = nil
	alone, doubt := recipients(row) == 1, false
	var us *setback
	for _, r := range row {
		if r.isOurs() && (us == nil || r.isPermanent()) {
			us = r
		}
	}
	if us != nil {
		s.rest(us.Attempts, us.isPermanent())
		s.health.Fails(s.clock(), said(us.cause))
	}
	for _, r := range row {
		f := r.fate(s.clock(), alone, true)
		doubt = doubt || f == putBack && r.isPermanent() && !r.othersPass() &&
			r.Facts.Audience != intake.ToOperator && // whose are never given up
			(r.Attempts >= sureAttempts || recipients(row) >= several)
		if us != nil && r.blame == intake.BlameUs && f == putBack {
			// The others come first: one of them shows whether it is this one alone.
			err = errors.Join(err, s.putBack(ctx, r, 2*s.resumeAt.Sub(s.clock())))
			continue
		}
		err = errors.Join(err, s.carryOut(ctx, r, f))
	}
	switch {
	case err != nil || len(row) == 0:
		return err
	case us != nil && us.isPermanent():
		err = s.queue.Stopped(ctx, said(us.cause))
	case us == nil && doubt:
		s.health.Fails(s.clock(), said(row[0].cause))
		err = s.queue.Stopped(ctx, said(row[0].cause))
	}
	if us != nil {
		err = errors.Join(err, us.cause)
	}
	return err
}

// rest has no message tried for a while, longer each time.
func (s *Sender) rest(attempts int, long bool) {
	s.stops++
	b := briefPause
	if long {
		b = pause
	}
	s.resumeAt = s.clock().Add(b.Delay(max(s.stops, attempts), 0))
}

// isResting reports whether no message is tried now. A clock that was ahead does not keep it so.
func (s *Sender) isResting(now time.Time) bool {
	return now.Before(s.resumeAt) && s.resumeAt.Sub(now) <= pause.Longest
}

// carryOut does what was decided on a message.
func (s *Sender) carryOut(ctx context.Context, r *setback, f fate) error {
	if f == giveUp {
		return s.giveUp(ctx, r)
	}
	return s.putBack(ctx, r, wait(r.Outbound))
}

func (s *Sender) putBack(ctx context.Context, r *setback, after time.Duration) error {
	due, text := s.clock().Add(after), said(r.cause)
	s.log.WarnContext(ctx, "put back", "outbound", r.ID, "template", string(r.Template),
		"attempts", r.Attempts, "due", due, "error", text)
	if err := unlessOvertaken(s.queue.Retry(ctx, r.ID, r.at, due, text)); err != nil {
		return fmt.Errorf("putting back outbound message %d: %w", r.ID, err)
	}
	return nil
}

func (s *Sender) giveUp(ctx context.Context, r *setback) error {
	text := said(r.cause)
	s.log.ErrorContext(ctx, "given up", "outbound", r.ID, "template", string(r.Template),
		"attempts", r.Attempts, "error", text)
	why := r.why(text)
	if t := s.composer.service; t.Trial.keptFrom(r.To, t.Operator) != "" { // it is not they who refused it
		why.Recipient = false
	}
	if err := unlessOvertaken(s.queue.Fail(ctx, r.ID, s.clock(), why)); err != nil {
		return fmt.Errorf("giving up outbound message %d: %w", r.ID, err)
	}
	return nil
}

// said returns what went wrong, in the server's words where it gave some, as it is kept and logged. A server may
// repeat the subject of what it refuses, and so the code.
func said(cause error) string { return templates.Clean(intake.MaskCodes(cause.Error()), maxError) }
