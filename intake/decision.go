package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mfabot/parser"
)

// ruling is what a reviewer decides, as an event of the request.
type ruling struct {
	on    Event
	text  string
	until time.Time // an earlier end than the policy's; zero for none
}

// verbs maps the commands of reviewers to events.
var verbs = map[string]Event{"approve": Approve, "reject": Reject, "info": Ask}

// ruleOn turns a command into a ruling, or says why it cannot be one.
func (p *Panel) ruleOn(d *parser.Decision, now time.Time) (r ruling, why string) {
	r = ruling{on: verbs[d.Verb], text: beforeCode(d.Text)}
	switch {
	case r.on == Ask && r.text == "":
		return r, WhyNoQuestion
	case r.on == Reject && r.text == "":
		return r, WhyNoReason
	}
	if r.on != Approve || d.Until == "" {
		return r, ""
	}
	day, end, err := p.dayOf(d.Until)
	if err != nil {
		return r, WhyBadUntil
	}
	full := now.Add(p.Policy.LongTerm.Duration)
	if !end.After(now) || day.After(full) {
		return r, WhyBadUntil
	}
	r.until = end
	if r.until.After(full) { // the day on which the full period ends
		r.until = full
	}
	return r, ""
}

// dayOf is when a day begins, and its last second: the whole of it is granted.
func (s *Service) dayOf(date string) (begins, ends time.Time, err error) {
	begins, err = time.ParseInLocation(time.DateOnly, date, s.Policy.Zone)
	return begins, begins.AddDate(0, 0, 1).Add(-time.Second).UTC(), err
}

// refusal is the error of a ruling that cannot be carried out.
type refusal struct {
	why   string    // as an answer to a reviewer gives it
	ends  time.Time // of the exception that stands in the way; zero for none
	words string
}

func (r *refusal) Error() string { return r.words }

// decide applies a ruling to a request. The review is the token that it was made
// with; its use, the change of state and the letters are one. ErrStale or
// ErrNotNow when the token is void or the state does not allow it, a refusal when
// the ruling itself cannot be.
func (p *Panel) decide(ctx context.Context, tx ReviewTx, req *Request, by Reviewer, review *ReviewRecord, r ruling, answersTo string) error {
	on, until, err := p.weigh(ctx, tx, req, by, r)
	if err != nil {
		return err
	}
	from := req.State
	if err := p.settle(req, tx.Now, on); err != nil {
		return err
	}
	if err := tx.Decide(ctx, review.ID, r.on, r.text, tx.Now); err != nil {
		return err
	}
	if err := tx.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := tx.Record(ctx, HistoryEntry{Ref: req.Ref, At: tx.Now, Event: string(on), By: by.Address, Text: r.text}); err != nil {
		return err
	}
	f := p.requestFacts(req)
	f.Audience, f.By, f.At, f.Said, f.Decision = ToSite, by.Name, tx.Now, r.text, string(req.State)
	if on == Reject || on == Ask {
		if f.Runs, err = p.runs(ctx, tx, req); err != nil {
			return err
		}
	}
	switch on {
	case Approve:
		return p.approved(ctx, tx, req, f, until, answersTo)
	case Reject:
		f.Why = WhyReviewer
		return errors.Join(
			tx.VoidReviews(ctx, req.Ref, tx.Now),
			p.out.send(ctx, tx.Work, Letter{Template: Rejected, To: req.SiteAddress, Ref: req.Ref, Facts: f}),
			p.tellReviewers(ctx, tx, req, f, answersTo),
		)
	case Ask:
		f.Ends = req.LapsesAt
		return p.out.send(ctx, tx.Work, Letter{Template: Question, To: req.SiteAddress, Ref: req.Ref, Facts: f})
	}
	return nil
}

// weigh is the event that a ruling amounts to: an approval may be one of several
// that are needed. The end is the earliest of those that count; zero for the
// policy's.
func (p *Panel) weigh(ctx context.Context, tx ReviewTx, req *Request, by Reviewer, r ruling) (on Event, until time.Time, err error) {
	if r.on != Approve {
		return r.on, r.until, nil
	}
	reason, known := p.Policy.LongTerm.Reason(req.Reason)
	if !known {
		return "", until, &refusal{why: WhyReasonGone, words: fmt.Sprintf("the policy has no long-term reason %q any more: put it back, or reject the request", req.Reason)}
	}
	approvers, until, err := p.approvals(ctx, tx, req, by, r)
	if err != nil {
		return "", until, err
	}
	if err := p.noShorter(ctx, tx, req, until); err != nil {
		return "", until, err
	}
	if approvers < reason.Approvals {
		return Approval, until, nil
	}
	return Approve, until, nil
}

// approvals counts the people who with this reviewer have approved a request as
// it is now, may decide on it now, and set no end that is over. until is the
// earliest end that one of them set. ErrNotNow for a second approval of one
// reviewer's.
func (p *Panel) approvals(ctx context.Context, tx ReviewTx, req *Request, by Reviewer, r ruling) (n int, until time.Time, err error) {
	site, _ := p.Sites.Now().ByCode(req.SiteCode)
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return 0, until, err
	}
	until = r.until
	approved := map[string]bool{by.Address: true}
	for _, v := range reviews {
		if v.Decision != Approve || v.Digest != req.Digest || !v.VoidAt.IsZero() {
			continue
		}
		end := p.endSet(v)
		if !end.IsZero() && !end.After(tx.Now) {
			continue
		}
		other, authorised := p.Reviewers.ByAddress(v.Reviewer)
		switch {
		case other.Address == by.Address:
			return 0, until, fmt.Errorf("%s has approved it already, and another reviewer must as well: %w", by.Address, ErrNotNow)
		case !authorised || other.Barred(req, site):
			continue
		}
		approved[other.Address] = true
		if !end.IsZero() && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	return len(approved), until, nil
}

// endSet is the end that an approval set; zero for none.
func (p *Panel) endSet(v ReviewRecord) time.Time {
	m := untilForm.FindStringSubmatch(v.Text)
	if m == nil {
		return time.Time{}
	}
	_, end, err := p.dayOf(m[1])
	if err != nil {
		return time.Time{}
	}
	return end
}

// noShorter refuses an end before that of an exception which the user has: an
// approval would take time away. Whoever means that can revoke it.
func (p *Panel) noShorter(ctx context.Context, tx ReviewTx, req *Request, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	earlier, err := tx.Unclosed(ctx, req.Subject.Email)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.StateAt(tx.Now) == Active && e.EndsAt.After(until) {
			return &refusal{why: WhyBadUntil, ends: e.EndsAt, words: fmt.Sprintf("%s has the exception %s until %s, which is later", req.Subject.Email, e.Ref, p.moment(e.EndsAt))}
		}
	}
	return nil
}

// active returns the exceptions of a user that are active, and closes without a
// word those whose time is over: the news of another follows.
func (p *Panel) active(ctx context.Context, tx ReviewTx, email string) ([]Exception, error) {
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return nil, err
	}
	var out []Exception
	for _, e := range unclosed {
		if e.StateAt(tx.Now) == Active {
			out = append(out, e)
		} else if err := p.end(ctx, tx, &e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// approved starts the exception. Any that the user has already is superseded, so
// that the times neither overlap nor leave a gap.
func (p *Panel) approved(ctx context.Context, tx ReviewTx, req *Request, f Facts, until time.Time, answersTo string) error {
	e := &Exception{Ref: req.Ref, Category: Long, State: Active, Subject: req.Subject, SiteCode: req.SiteCode, SiteAddress: req.SiteAddress,
		Reason: req.Reason, GrantedBy: f.By, StartsAt: tx.Now, EndsAt: tx.Now.Add(p.Policy.LongTerm.Duration)}
	if !until.IsZero() && until.Before(e.EndsAt) { // of another's approval the whole day counts, and the period's last is cut short
		e.EndsAt = until
	}
	e.NextNoticeAt = nextNotice(e.EndsAt, tx.Now, p.Policy.LongTerm.Warnings)
	earlier, err := p.active(ctx, tx, req.Subject.Email)
	if err != nil {
		return err
	}
	for _, old := range earlier {
		if err := errors.Join(
			p.close(ctx, tx, old.Ref, WasSuperseded),
			tx.Record(ctx, HistoryEntry{Ref: old.Ref, At: tx.Now, Event: string(WasSuperseded), By: f.By, Text: "by " + req.Ref}),
		); err != nil {
			return err
		}
	}
	f.Starts, f.Ends = e.StartsAt, e.EndsAt
	toPeople := f
	toPeople.Said = ""
	if n := len(earlier); n > 0 {
		toPeople.Runs = earlier[n-1].EndsAt // the user is exempt already
	}
	return errors.Join(
		tx.AddException(ctx, e),
		p.apply(ctx, tx, e, len(earlier) > 0),
		tx.VoidReviews(ctx, req.Ref, tx.Now),
		p.out.toBoth(ctx, tx.Work, Letter{Template: Approved, Ref: req.Ref, Facts: toPeople}),
		p.tellReviewers(ctx, tx, req, f, answersTo),
	)
}
