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
// it tidies up. It returns how many it dealt with, at
// most a batch of each; 0 says that nothing is due.
func (p *Panel) Sweep(ctx context.Context) (int, error) {
	n := 0
	err := p.update(ctx, func(tx ReviewTx) error {

		n = 0
		one := func(ref string, do func() error) error {
			err := tx.Savepoint(ctx, do)
			if isRule(err) { // one that cannot be dealt with does not hold up the others
				p.log.Error("what is due could not be done", "ref", ref, "err", err)
				return nil
			}
			n++
			return err
		}
		due, err := tx.Due(ctx, tx.Now, sweepBatch)
		if err != nil {
			return err
		}
		for _, e := range due {
			if err := one(e.Ref, func() error { return p.attend(ctx, tx, &e) }); err != nil {
				return err
			}
		}
		lapsing, err := tx.Lapsing(ctx, tx.Now, sweepBatch)
		if err != nil {
			return err
		}
		for _, ref := range lapsing {
			if err := one(ref, func() error { return p.lapse(ctx, tx, ref) }); err != nil {
				return err
			}
		}
		if err := p.remindSites(ctx, tx, one); err != nil {
			return err
		}
		if err := p.sweepReviews(ctx, tx, one); err != nil {
			return err
		}
		return tx.TidyAllowances(ctx, tx.Now, sweepBatch)
	})
	return n, err
}

// attend gives the notice of an exception that is true now: however many were
// missed, one warning, or the end.
func (p *Panel) attend(ctx context.Context, tx ReviewTx, e *Exception) error {
	f := p.exceptionFacts(e)
	f.At = tx.Now
	if _, err := p.renewalFacts(ctx, tx, e, &f); err != nil {
		return err
	}
	if e.StateAt(tx.Now) == HasEnded {
		return errors.Join(
			p.end(ctx, tx, e),
			p.tellLate(ctx, tx, e, f, HasEnded),
			p.out.toBoth(ctx, tx.Work, Letter{Template: Ended, Ref: e.Ref, Facts: f}),
			p.remove(ctx, tx, e),
		)
	}
	return errors.Join(
		tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, nextNotice(e.EndsAt, tx.Now, p.Policy.Term(e.Category).Warnings)),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: tx.Now, Event: string(Warning), Text: "ends at " + e.EndsAt.Format(time.RFC3339)}),
		p.overtake(ctx, tx, e.Ref),
		p.out.toBoth(ctx, tx.Work, Letter{Template: Warning, Ref: e.Ref, Facts: f}),
	)
}

// overtake takes back the warnings of an exception that still wait to be sent: the
// notice that follows says what is true now.
func (p *Panel) overtake(ctx context.Context, tx ReviewTx, ref string) error {
	recipients, err := tx.Overtake(ctx, ref)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		if err := tx.Record(ctx, HistoryEntry{Ref: ref, At: tx.Now, Event: "overtaken", By: to, Text: "a warning was not sent before a later notice"}); err != nil {
			return err
		}
	}
	return nil
}

// close has an exception leave the active state, with the warnings of it.
func (p *Panel) close(ctx context.Context, tx ReviewTx, ref string, to ExceptionState) error {
	return errors.Join(tx.CloseException(ctx, ref, to, tx.Now), p.overtake(ctx, tx, ref))
}

// end closes an exception whose time is over.
func (p *Panel) end(ctx context.Context, tx ReviewTx, e *Exception) error {
	return errors.Join(
		p.close(ctx, tx, e.Ref, HasEnded),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: tx.Now, Event: string(HasEnded), Text: "its time was over at " + e.EndsAt.Format(time.RFC3339)}),
	)
}

// lapse ends a request whose site did not answer in time.
func (p *Panel) lapse(ctx context.Context, tx ReviewTx, ref string) error {
	req, err := tx.Request(ctx, ref)
	if err != nil {
		return err
	}
	from := req.State
	if err := p.settle(req, tx.Now, Lapse); err != nil {
		return err
	}
	f := p.requestFacts(req)
	f.Audience, f.At, f.Decision = ToSite, tx.Now, string(IsLapsed)
	if f.Runs, err = p.runs(ctx, tx, req); err != nil {
		return err
	}
	return errors.Join(
		tx.UpdateRequest(ctx, req, from),
		tx.VoidReviews(ctx, ref, tx.Now),
		tx.Record(ctx, HistoryEntry{Ref: ref, At: tx.Now, Event: string(Lapse), Text: "nobody answered in time"}),
		p.out.send(ctx, tx.Work, Letter{Template: Lapsed, To: req.SiteAddress, Ref: ref, Facts: f}),
		p.tellReviewers(ctx, tx, req, f, ""),
	)
}

// revoke ends an exception now, and says so to its user, its site and, through
// the history, to everybody who looks. why is WhyLeft, or empty.
func (p *Panel) revoke(ctx context.Context, tx ReviewTx, e *Exception, why, reason, by string) error {
	f := p.exceptionFacts(e)
	f.Why, f.By, f.At, f.Said = why, by, tx.Now, reason
	return errors.Join(
		p.close(ctx, tx, e.Ref, WasRevoked),
		tx.VoidReviews(ctx, e.Ref, tx.Now),
		tx.Record(ctx, HistoryEntry{Ref: e.Ref, At: tx.Now, Event: string(Revoke), By: by, Text: reason}),
		p.tellLate(ctx, tx, e, f, WasRevoked),
		p.out.toBoth(ctx, tx.Work, Letter{Template: Revoked, Ref: e.Ref, Facts: f}),
		p.remove(ctx, tx, e),
	)
}
