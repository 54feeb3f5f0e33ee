package review

import (
	"context"
	"errors"
	"time"

	"mfabot/intake"
)

// Exceptions stores the granted periods.
type Exceptions interface {
	// AddException stores a new exception.
	AddException(ctx context.Context, e *intake.Exception) error
	// Exception returns one exception, or ErrNotFound.
	Exception(ctx context.Context, ref string) (*intake.Exception, error)
	// Unclosed returns a user's exceptions that are not closed yet, the soonest to end first. Some may be
	// past their end.
	Unclosed(ctx context.Context, email string) ([]intake.Exception, error)
	// NoticesDue returns active exceptions with a notice due, soonest first; all of them where limit is 0.
	NoticesDue(ctx context.Context, now time.Time, limit int) ([]intake.Exception, error)
	// SetNextNotice moves the next notice if the exception is active and its next notice is still at from;
	// else ErrStale.
	SetNextNotice(ctx context.Context, ref string, from, to time.Time) error
	// CloseException moves an exception out of the active state; ErrStale if it is not active.
	CloseException(ctx context.Context, ref string, to intake.ExceptionState, now time.Time) error
	// SupersedeException moves an exception from active to superseded by another; ErrStale if it is not active.
	SupersedeException(ctx context.Context, ref, by string, now time.Time) error
	// Replaced returns the exceptions whose place one has taken, itself or by those between, latest first.
	Replaced(ctx context.Context, ref string) ([]intake.Exception, error)
	// ExceptionsOf returns every exception that a user has or had, of whatever site, the newest first.
	ExceptionsOf(ctx context.Context, email string) ([]intake.Exception, error)
	// UsersOf returns the addresses of the users that a site has or had long-term exceptions for that nobody revoked.
	UsersOf(ctx context.Context, siteCode string) ([]string, error)
	// ActiveAt returns the exceptions of a site that are active at now, soonest to end first.
	ActiveAt(ctx context.Context, siteCode string, now time.Time) ([]intake.Exception, error)
	// Overtake takes an exception's unsent warnings out of the queue, and returns their recipients.
	Overtake(ctx context.Context, ref string) ([]string, error)
}

// Actions queues changes to the directory.
type Actions interface {
	// AddAction queues an action, replacing any still waiting for the same user.
	AddAction(ctx context.Context, a *intake.Action) error
}

// start starts the exception. It supersedes any that the user already has, so that the periods neither
// overlap nor leave a gap.
func (d *deciding) start(ctx context.Context, f intake.Facts, until time.Time) error {
	e := &intake.Exception{
		Ref: d.Request.Ref, Category: intake.Long, State: intake.Active, User: d.Request.User,
		SiteCode: d.Request.SiteCode, SiteAddress: d.Request.SiteAddress, Reason: d.Request.Reason, GrantedBy: f.By,
		StartsAt: d.Now, EndsAt: d.ends(until),
	}
	e.NextNoticeAt = d.Policy.Notices(intake.Long, d.Holidays).Next(e.EndsAt, d.Now)
	earlier, err := d.Active(ctx, d.Tx, d.Request.User.Email)
	if err != nil {
		return err
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
	if err := d.replace(ctx, earlier, e, f.By); err != nil {
		return err
	}
	if err := (&past{d.Panel, d.Tx, e}).addTo(ctx, &f); err != nil {
		return err
	}
	toPeople.Former, toPeople.FormerElsewhere = f.Former, f.FormerElsewhere
	if err := d.Exempt(ctx, d.Tx, e, len(earlier) > 0); err != nil {
		return err
	}
	if err := d.VoidReviews(ctx, d.Request.Ref, d.Now); err != nil {
		return err
	}
	approval := intake.Letter{Template: intake.LetterApproved, Ref: d.Request.Ref, Facts: toPeople}
	if err := d.out.SendBoth(ctx, d.Work, approval); err != nil {
		return err
	}
	if err := d.tellReviewers(ctx, d.Tx, d.Request, f, d.AnswersTo); err != nil {
		return err
	}
	return d.endCorrected(ctx)
}

// ends returns when the exception ends that starts now. An earlier approval's end is the end of a day, which may lie
// beyond the full period: the sooner one counts.
func (d *deciding) ends(until time.Time) time.Time {
	full := d.Now.Add(d.Policy.LongTerm.Duration)
	if !until.IsZero() && until.Before(full) {
		return until
	}
	return full
}

// Active returns a user's active exceptions, for a caller about to start another. Those past their end are ended
// and told of as by the sweep; the directory is left to the caller, who exempts the user anew.
func (p *Panel) Active(ctx context.Context, tx Tx, email string) ([]intake.Exception, error) {
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return nil, err
	}
	var out []intake.Exception
	for _, e := range unclosed {
		if e.StateAt(tx.Now) == intake.Active {
			out = append(out, e)
		} else if err := p.tellEnd(ctx, tx, &e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tellEnd closes an exception past its end, and tells everybody who relied on it.
func (p *Panel) tellEnd(ctx context.Context, tx Tx, e *intake.Exception) error {
	f := p.FactsOfException(e)
	f.At = tx.Now
	if _, err := p.renewalFacts(ctx, tx, e, &f); err != nil {
		return err
	}
	if err := p.end(ctx, tx, e); err != nil {
		return err
	}
	if err := p.tellLate(ctx, tx, e, f, intake.WhyEnded); err != nil {
		return err
	}
	if err := p.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterEnded, Ref: e.Ref, Facts: f}); err != nil {
		return err
	}
	return (&past{p, tx, e}).tell(ctx, intake.LetterEnded, "")
}

// close moves an exception out of the active state, and drops its unsent warnings.
func (p *Panel) close(ctx context.Context, tx Tx, ref string, to intake.ExceptionState) error {
	if err := tx.CloseException(ctx, ref, to, tx.Now); err != nil {
		return err
	}
	return p.overtake(ctx, tx, ref)
}

// end closes an exception past its end.
func (p *Panel) end(ctx context.Context, tx Tx, e *intake.Exception) error {
	if err := p.close(ctx, tx, e.Ref, intake.Ended); err != nil {
		return err
	}
	return tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventEnded,
		Text: "its time was over at " + e.EndsAt.Format(time.RFC3339)})
}

// Revoke ends an exception now, and tells its user, its site, the reviewers who were asked for it and those of
// any renewal. why is WhyLeft, WhyCorrected or empty.
func (p *Panel) Revoke(ctx context.Context, tx Tx, e *intake.Exception, why intake.Why, reason, by string) error {
	f := p.FactsOfException(e)
	f.Why, f.By, f.At, f.Said = why, by, tx.Now, reason
	if err := p.close(ctx, tx, e.Ref, intake.Revoked); err != nil {
		return err
	}
	if err := tx.VoidReviews(ctx, e.Ref, tx.Now); err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventRevoke, By: by, Text: reason}
	if err := tx.Record(ctx, entry); err != nil {
		return err
	}
	if err := p.tellLate(ctx, tx, e, f, intake.WhyRevoked); err != nil {
		return err
	}
	if err := (&past{p, tx, e}).addTo(ctx, &f); err != nil {
		return err
	}
	revoked := intake.Letter{Template: intake.LetterRevoked, Ref: e.Ref, Facts: f}
	tell := p.out.SendBoth
	if why == intake.WhyCorrected {
		tell = p.out.SendReachable
	}
	if err := tell(ctx, tx.Work, revoked); err != nil {
		return err
	}
	req, err := tx.Request(ctx, e.Ref)
	if err != nil && !errors.Is(err, intake.ErrNotFound) { // a short-term exception has none
		return err
	}
	if err == nil {
		f.Decision = string(intake.Revoked)
		if err := p.tellReviewers(ctx, tx, req, f, ""); err != nil {
			return err
		}
	}
	if err := (&past{p, tx, e}).tell(ctx, intake.LetterRevoked, why); err != nil {
		return err
	}
	return p.endExemption(ctx, tx, e)
}

// Exempt queues an exception to be applied in the directory. Without a directory it asks the operator to do
// it, unless the user is already exempt or about to be: then an end that nobody has made yet is not to be made any more.
func (p *Panel) Exempt(ctx context.Context, tx Tx, e *intake.Exception, exempt bool) error {
	if p.directory {
		return p.queueAction(ctx, tx, e, intake.ToApply)
	}
	if !exempt {
		return p.out.AskOperatorToExempt(ctx, tx.Work, e)
	}
	waiting, err := tx.AskedActions(ctx, "", e.User.Email)
	for _, a := range waiting {
		if a.Kind == intake.ToRemove && err == nil {
			err = tx.EndAction(ctx, a.ID, intake.ActionVoid, tx.Now)
		}
	}
	return err
}

// endExemption queues the end of an exemption in the directory, or asks the operator to end it: under each
// address by which the user was exempted, as an exception may have replaced one for the address without its
// detail.
func (p *Panel) endExemption(ctx context.Context, tx Tx, e *intake.Exception) error {
	replaced, err := tx.Replaced(ctx, e.Ref)
	if err != nil {
		return err
	}
	ended := make(map[string]bool)
	for _, e := range append([]intake.Exception{*e}, replaced...) {
		if ended[e.User.Email] {
			continue
		}
		ended[e.User.Email] = true
		if p.directory {
			err = p.queueAction(ctx, tx, &e, intake.ToRemove)
		} else {
			err = p.out.AskOperatorToEndExemption(ctx, tx.Work, &e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Panel) queueAction(ctx context.Context, tx Tx, e *intake.Exception, kind intake.ActionKind) error {
	return tx.AddAction(ctx, &intake.Action{
		Ref: e.Ref, User: e.User.Email, Kind: kind, CreatedAt: tx.Now, DueAt: tx.Now,
	})
}
