package review

import (
	"context"

	"mfabot/intake"
)

// sweepBatch bounds how many references each step of a Sweep deals with.
const sweepBatch = 100

// Sweep does what is due: it sends the notices of exceptions, closes requests whose sites did not answer in time,
// reminds sites and reviewers, sends the morning digest and the weekly summaries, and tidies up. It returns how many
// references it dealt with, at most a batch for each step; 0 means that nothing was due.
func (p *Panel) Sweep(ctx context.Context) (int, error) {
	n := 0
	err := p.update(ctx, func(tx Tx) error {
		s := &sweep{Panel: p, Tx: tx}
		err := s.run(ctx)
		n = s.done
		return err
	})
	return n, err
}

// sweep is one run of Sweep, in its transaction.
type sweep struct {
	*Panel
	Tx
	done int
}

func (s *sweep) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.exceptions, s.lapses, s.remindSites, s.sweepReviews, s.summaries} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := s.out.TellOfKept(ctx, s.Work); err != nil {
		return err
	}
	return s.TidyAllowances(ctx, s.Now, sweepBatch)
}

// one deals with one reference by itself: if a rule forbids what do does, that is undone and logged, and the
// others go ahead.
func (s *sweep) one(ctx context.Context, ref string, do func() error) error {
	err := s.Savepoint(ctx, do)
	if intake.IsRule(err) {
		s.log.Error("what is due could not be done", "ref", ref, "err", err)
		return nil
	}
	s.done++
	return err
}

// each deals with references one after the other.
func (s *sweep) each(ctx context.Context, refs []string, do func(ctx context.Context, ref string) error) error {
	for _, ref := range refs {
		if err := s.one(ctx, ref, func() error { return do(ctx, ref) }); err != nil {
			return err
		}
	}
	return nil
}

// exceptions sends the notices that are due.
func (s *sweep) exceptions(ctx context.Context) error {
	due, err := s.NoticesDue(ctx, s.Now, sweepBatch)
	if err != nil {
		return err
	}
	warned := make(map[string]bool) // together with one before
	for _, e := range due {
		if warned[e.Ref] {
			continue
		}
		var with []string
		if err := s.one(ctx, e.Ref, func() (err error) {
			if with, err = s.giveNotice(ctx, &e); err != nil {
				with = nil // it is undone
			}
			return err
		}); err != nil {
			return err
		}
		for _, ref := range with {
			warned[ref] = true
		}
	}
	return nil
}

// lapses closes the requests whose time to answer is over.
func (s *sweep) lapses(ctx context.Context) error {
	refs, err := s.Lapsing(ctx, s.Now, sweepBatch)
	if err != nil {
		return err
	}
	return s.each(ctx, refs, s.lapse)
}
