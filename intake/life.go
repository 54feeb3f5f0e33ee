package intake

import (
	"context"
	"errors"
	"time"
)

// Revoke is the decision that ends an exception early. It is no event of the
// request, which stays approved.
const Revoke Event = "revoke"

// sweepBatch bounds what one transaction of Sweep deals with.
const sweepBatch = 100

// Sweep does what is due by now: warnings, ends, the lapse of requests that nobody
// answered about, asking sites again before that, and what keeps reviewers going; and
// it tidies up, and makes the day's checkpoint. It returns how many it dealt with, at
// most a batch of each; 0 says that nothing is due.
func (in *Intake) Sweep(ctx context.Context) (int, error) {
	n := 0
	err := in.store.Update(ctx, func(tx Tx) error {
		now := in.now()
		n = 0
		one := func(ref string, do func() error) error {
			err := tx.Savepoint(ctx, do)
			if isRule(err) { // one that cannot be dealt with does not hold up the others
				in.Log.Error("what is due could not be done", "ref", ref, "err", err)
				return nil
			}
			n++
			return err
		}
		due, err := tx.Due(ctx, now, sweepBatch)
		if err != nil {
			return err
		}
		for _, e := range due {
			if err := one(e.Ref, func() error { return in.attend(ctx, tx, now, &e) }); err != nil {
				return err
			}
		}
		lapsing, err := tx.Lapsing(ctx, now, sweepBatch)
		if err != nil {
			return err
		}
		for _, ref := range lapsing {
			if err := one(ref, func() error { return in.lapse(ctx, tx, now, ref) }); err != nil {
				return err
			}
		}
		if err := in.remindSites(ctx, tx, now, one); err != nil {
			return err
		}
		if err := in.sweepReviews(ctx, tx, now, one); err != nil {
			return err
		}
		return errors.Join(tx.TidyAllowances(ctx, now, sweepBatch), in.checkpoint(ctx, tx, now))
	})
	return n, err
}

// attend gives the notice of an exception that is true now: however many were
// missed, one warning, or the end.
func (in *Intake) attend(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	f := in.exceptionFacts(e)
	f.At = now
	if _, err := in.renewalFacts(ctx, tx, e, &f); err != nil {
		return err
	}
	if e.StateAt(now) == HasEnded {
		return errors.Join(
			in.end(ctx, tx, now, e),
			in.tellLate(ctx, tx, now, e, f, HasEnded),
			in.toBoth(ctx, tx, now, Letter{Template: Ended, Ref: e.Ref, Facts: f}),
			in.remove(ctx, tx, now, e),
		)
	}
	return errors.Join(
		tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, nextNotice(e.EndsAt, now, in.Policy.Term(e.Category).Warnings)),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: now, Event: string(Warning), Text: "ends at " + e.EndsAt.Format(time.RFC3339)}),
		in.overtake(ctx, tx, now, e.Ref),
		in.toBoth(ctx, tx, now, Letter{Template: Warning, Ref: e.Ref, Facts: f}),
	)
}

// overtake takes back the warnings of an exception that still wait to be sent: the
// notice that follows says what is true now.
func (in *Intake) overtake(ctx context.Context, tx Tx, now time.Time, ref string) error {
	recipients, err := tx.Overtake(ctx, ref)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		if err := tx.Record(ctx, HistoryEntry{Ref: ref, At: now, Event: "overtaken", By: to, Text: "a warning was not sent before a later notice"}); err != nil {
			return err
		}
	}
	return nil
}

// close has an exception leave the active state, with the warnings of it.
func (in *Intake) close(ctx context.Context, tx Tx, now time.Time, ref string, to ExceptionState) error {
	return errors.Join(tx.CloseException(ctx, ref, to, now), in.overtake(ctx, tx, now, ref))
}

// end closes an exception whose time is over.
func (in *Intake) end(ctx context.Context, tx Tx, now time.Time, e *Exception) error {
	return errors.Join(
		in.close(ctx, tx, now, e.Ref, HasEnded),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: now, Event: string(HasEnded), Text: "its time was over at " + e.EndsAt.Format(time.RFC3339)}),
	)
}

// lapse ends a request whose site did not answer in time.
func (in *Intake) lapse(ctx context.Context, tx Tx, now time.Time, ref string) error {
	req, err := tx.Request(ctx, ref)
	if err != nil {
		return err
	}
	from := req.State
	if err := in.settle(req, now, Lapse); err != nil {
		return err
	}
	f := in.requestFacts(req)
	f.Audience, f.At, f.Decision = ToSite, now, string(IsLapsed)
	if f.Runs, err = in.runs(ctx, tx, now, req); err != nil {
		return err
	}
	return errors.Join(
		tx.UpdateRequest(ctx, req, from),
		tx.VoidReviews(ctx, ref, now),
		tx.Record(ctx, HistoryEntry{Ref: ref, At: now, Event: string(Lapse), Text: "nobody answered in time"}),
		in.send(ctx, tx, now, Letter{Template: Lapsed, To: req.SiteAddress, Ref: ref, Facts: f}),
		in.tellReviewers(ctx, tx, now, req, f, ""),
	)
}

// revoke ends an exception now, and says so to its user, its site and, through
// the history, to everybody who looks. why is WhyLeft, or empty.
func (in *Intake) revoke(ctx context.Context, tx Tx, now time.Time, e *Exception, why, reason, by string) error {
	f := in.exceptionFacts(e)
	f.Why, f.By, f.At, f.Said = why, by, now, reason
	return errors.Join(
		in.close(ctx, tx, now, e.Ref, WasRevoked),
		tx.VoidReviews(ctx, e.Ref, now),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: now, Event: string(Revoke), By: by, Text: reason}),
		in.tellLate(ctx, tx, now, e, f, WasRevoked),
		in.toBoth(ctx, tx, now, Letter{Template: Revoked, Ref: e.Ref, Facts: f}),
		in.remove(ctx, tx, now, e),
	)
}
