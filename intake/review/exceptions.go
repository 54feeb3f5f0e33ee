package review

import (
	"context"
	"time"

	"mfabot/intake"
)

// approved starts the exception. Any that the user has already is superseded, so
// that the times neither overlap nor leave a gap.
func (d *deciding) approved(ctx context.Context, f intake.Facts, until time.Time) error {
	e := &intake.Exception{Ref: d.req.Ref, Category: intake.Long, State: intake.Active, User: d.req.User, SiteCode: d.req.SiteCode, SiteAddress: d.req.SiteAddress,
		Reason: d.req.Reason, GrantedBy: f.By, StartsAt: d.Now, EndsAt: d.Now.Add(d.Policy.LongTerm.Duration)}
	if !until.IsZero() && until.Before(e.EndsAt) { // of another's approval the whole day counts, and the period's last is cut short
		e.EndsAt = until
	}
	e.NextNoticeAt = intake.NextNotice(e.EndsAt, d.Now, d.Policy.LongTerm.Warnings)
	earlier, err := d.Active(ctx, d.Tx, d.req.User.Email)
	if err != nil {
		return err
	}
	for _, old := range earlier {
		if err := d.close(ctx, d.Tx, old.Ref, intake.Superseded); err != nil {
			return err
		}
		if err := d.Record(ctx, intake.HistoryEntry{Ref: old.Ref, At: d.Now, Event: intake.EventSuperseded, By: f.By, Text: "by " + d.req.Ref}); err != nil {
			return err
		}
	}
	f.Starts, f.Ends = e.StartsAt, e.EndsAt
	toPeople := f
	toPeople.Said = ""
	if n := len(earlier); n > 0 {
		toPeople.Runs = earlier[n-1].EndsAt // the user is exempt already
	}
	if err := d.AddException(ctx, e); err != nil {
		return err
	}
	if err := d.Apply(ctx, d.Tx, e, len(earlier) > 0); err != nil {
		return err
	}
	if err := d.VoidReviews(ctx, d.req.Ref, d.Now); err != nil {
		return err
	}
	if err := d.out.SendBoth(ctx, d.Work, intake.Letter{Template: intake.LetterApproved, Ref: d.req.Ref, Facts: toPeople}); err != nil {
		return err
	}
	return d.tellReviewers(ctx, d.Tx, d.req, f, d.AnswersTo)
}

// Active returns the exceptions of a user that are active, and closes without a
// word those whose time is over: the news of another follows.
func (p *Panel) Active(ctx context.Context, tx Tx, email string) ([]intake.Exception, error) {
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return nil, err
	}
	var out []intake.Exception
	for _, e := range unclosed {
		if e.StateAt(tx.Now) == intake.Active {
			out = append(out, e)
		} else if err := p.end(ctx, tx, &e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// attend gives the notice of an exception that is true now: however many were
// missed, one warning, or the end.
func (p *Panel) attend(ctx context.Context, tx Tx, e *intake.Exception) error {
	f := p.FactsOfException(e)
	f.At = tx.Now
	if _, err := p.renewalFacts(ctx, tx, e, &f); err != nil {
		return err
	}
	if e.StateAt(tx.Now) == intake.Ended {
		if err := p.end(ctx, tx, e); err != nil {
			return err
		}
		if err := p.tellLate(ctx, tx, e, f, intake.WhyEnded); err != nil {
			return err
		}
		if err := p.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterEnded, Ref: e.Ref, Facts: f}); err != nil {
			return err
		}
		return p.remove(ctx, tx, e)
	}
	if err := tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, intake.NextNotice(e.EndsAt, tx.Now, p.Policy.Term(e.Category).Warnings)); err != nil {
		return err
	}
	if err := tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventWarning, Text: "ends at " + e.EndsAt.Format(time.RFC3339)}); err != nil {
		return err
	}
	if err := p.overtake(ctx, tx, e.Ref); err != nil {
		return err
	}
	return p.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterWarning, Ref: e.Ref, Facts: f})
}

// overtake takes back the warnings of an exception that still wait to be sent: the
// notice that follows says what is true now.
func (p *Panel) overtake(ctx context.Context, tx Tx, ref string) error {
	recipients, err := tx.Overtake(ctx, ref)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		if err := tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventOvertaken, By: to, Text: "a warning was not sent before a later notice"}); err != nil {
			return err
		}
	}
	return nil
}

// close has an exception leave the active state, with the warnings of it.
func (p *Panel) close(ctx context.Context, tx Tx, ref string, to intake.ExceptionState) error {
	if err := tx.CloseException(ctx, ref, to, tx.Now); err != nil {
		return err
	}
	return p.overtake(ctx, tx, ref)
}

// end closes an exception whose time is over.
func (p *Panel) end(ctx context.Context, tx Tx, e *intake.Exception) error {
	if err := p.close(ctx, tx, e.Ref, intake.Ended); err != nil {
		return err
	}
	return tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventEnded, Text: "its time was over at " + e.EndsAt.Format(time.RFC3339)})
}

// Revoke ends an exception now, and says so to its user, its site and, through
// the history, to everybody who looks. why is WhyLeft, or empty.
func (p *Panel) Revoke(ctx context.Context, tx Tx, e *intake.Exception, why intake.Why, reason, by string) error {
	f := p.FactsOfException(e)
	f.Why, f.By, f.At, f.Said = why, by, tx.Now, reason
	if err := p.close(ctx, tx, e.Ref, intake.Revoked); err != nil {
		return err
	}
	if err := tx.VoidReviews(ctx, e.Ref, tx.Now); err != nil {
		return err
	}
	if err := tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventRevoke, By: by, Text: reason}); err != nil {
		return err
	}
	if err := p.tellLate(ctx, tx, e, f, intake.WhyRevoked); err != nil {
		return err
	}
	if err := p.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterRevoked, Ref: e.Ref, Facts: f}); err != nil {
		return err
	}
	return p.remove(ctx, tx, e)
}

// Apply has an exception applied where MFA is enforced. Without a directory the
// operator is asked to, unless the user is exempt already.
func (p *Panel) Apply(ctx context.Context, tx Tx, e *intake.Exception, exempt bool) error {
	if p.directory {
		return tx.AddAction(ctx, &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: intake.ToApply, CreatedAt: tx.Now, DueAt: tx.Now})
	}
	if exempt {
		return nil
	}
	return p.out.AskToApply(ctx, tx.Work, e)
}

// remove has an exception that is over removed where MFA is enforced.
func (p *Panel) remove(ctx context.Context, tx Tx, e *intake.Exception) error {
	if p.directory {
		return tx.AddAction(ctx, &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: intake.ToRemove, CreatedAt: tx.Now, DueAt: tx.Now})
	}
	return p.out.AskToRemove(ctx, tx.Work, e)
}
