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
func (in *Intake) ruleOn(d *parser.Decision, now time.Time) (r ruling, why string) {
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
	day, end, err := in.dayOf(d.Until)
	if err != nil {
		return r, WhyBadUntil
	}
	full := now.Add(in.Policy.LongTerm.Duration)
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
func (in *Intake) dayOf(date string) (begins, ends time.Time, err error) {
	begins, err = time.ParseInLocation(time.DateOnly, date, in.Policy.Zone)
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
func (in *Intake) decide(ctx context.Context, tx Tx, now time.Time, req *Request, by Reviewer, review *ReviewRecord, r ruling, answersTo string) error {
	on, until, err := in.weigh(ctx, tx, now, req, by, r)
	if err != nil {
		return err
	}
	from := req.State
	if err := in.settle(req, now, on); err != nil {
		return err
	}
	if err := tx.Decide(ctx, review.ID, r.on, r.text, now); err != nil {
		return err
	}
	if err := tx.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := tx.Record(ctx, HistoryEntry{Ref: req.Ref, At: now, Event: string(on), By: by.Address, Text: r.text}); err != nil {
		return err
	}
	f := in.requestFacts(req)
	f.Audience, f.By, f.At, f.Said, f.Decision = ToSite, by.Name, now, r.text, string(req.State)
	if on == Reject || on == Ask {
		if f.Runs, err = in.runs(ctx, tx, now, req); err != nil {
			return err
		}
	}
	switch on {
	case Approve:
		return in.approved(ctx, tx, now, req, f, until, answersTo)
	case Reject:
		f.Why = WhyReviewer
		return errors.Join(
			tx.VoidReviews(ctx, req.Ref, now),
			in.send(ctx, tx, now, Letter{Template: Rejected, To: req.SiteAddress, Ref: req.Ref, Facts: f}),
			in.tellReviewers(ctx, tx, now, req, f, answersTo),
		)
	case Ask:
		f.Ends = req.LapsesAt
		return in.send(ctx, tx, now, Letter{Template: Question, To: req.SiteAddress, Ref: req.Ref, Facts: f})
	}
	return nil
}

// weigh is the event that a ruling amounts to: an approval may be one of several
// that are needed. The end is the earliest of those that count; zero for the
// policy's.
func (in *Intake) weigh(ctx context.Context, tx Tx, now time.Time, req *Request, by Reviewer, r ruling) (on Event, until time.Time, err error) {
	if r.on != Approve {
		return r.on, r.until, nil
	}
	reason, known := in.Policy.LongTerm.Reason(req.Reason)
	if !known {
		return "", until, &refusal{why: WhyReasonGone, words: fmt.Sprintf("the policy has no long-term reason %q any more: put it back, or reject the request", req.Reason)}
	}
	approvers, until, err := in.approvals(ctx, tx, now, req, by, r)
	if err != nil {
		return "", until, err
	}
	if err := in.noShorter(ctx, tx, now, req, until); err != nil {
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
func (in *Intake) approvals(ctx context.Context, tx Tx, now time.Time, req *Request, by Reviewer, r ruling) (n int, until time.Time, err error) {
	site, _ := in.sites().ByCode(req.SiteCode)
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
		end := in.endSet(v)
		if !end.IsZero() && !end.After(now) {
			continue
		}
		other, authorised := in.Reviewers.ByAddress(v.Reviewer)
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
func (in *Intake) endSet(v ReviewRecord) time.Time {
	m := untilForm.FindStringSubmatch(v.Text)
	if m == nil {
		return time.Time{}
	}
	_, end, err := in.dayOf(m[1])
	if err != nil {
		return time.Time{}
	}
	return end
}

// noShorter refuses an end before that of an exception which the user has: an
// approval would take time away. Whoever means that can revoke it.
func (in *Intake) noShorter(ctx context.Context, tx Tx, now time.Time, req *Request, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	earlier, err := tx.Unclosed(ctx, req.Subject.Email)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.StateAt(now) == Active && e.EndsAt.After(until) {
			return &refusal{why: WhyBadUntil, ends: e.EndsAt, words: fmt.Sprintf("%s has the exception %s until %s, which is later", req.Subject.Email, e.Ref, in.moment(e.EndsAt))}
		}
	}
	return nil
}

// active returns the exceptions of a user that are active, and closes without a
// word those whose time is over: the news of another follows.
func (in *Intake) active(ctx context.Context, tx Tx, now time.Time, email string) ([]Exception, error) {
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return nil, err
	}
	var out []Exception
	for _, e := range unclosed {
		if e.StateAt(now) == Active {
			out = append(out, e)
		} else if err := in.end(ctx, tx, now, &e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// approved starts the exception. Any that the user has already is superseded, so
// that the times neither overlap nor leave a gap.
func (in *Intake) approved(ctx context.Context, tx Tx, now time.Time, req *Request, f Facts, until time.Time, answersTo string) error {
	e := &Exception{Ref: req.Ref, Category: Long, State: Active, Subject: req.Subject, SiteCode: req.SiteCode, SiteAddress: req.SiteAddress,
		Reason: req.Reason, GrantedBy: f.By, StartsAt: now, EndsAt: now.Add(in.Policy.LongTerm.Duration)}
	if !until.IsZero() && until.Before(e.EndsAt) { // of another's approval the whole day counts, and the period's last is cut short
		e.EndsAt = until
	}
	e.NextNoticeAt = nextNotice(e.EndsAt, now, in.Policy.LongTerm.Warnings)
	earlier, err := in.active(ctx, tx, now, req.Subject.Email)
	if err != nil {
		return err
	}
	for _, old := range earlier {
		if err := errors.Join(
			in.close(ctx, tx, now, old.Ref, WasSuperseded),
			tx.Record(ctx, HistoryEntry{Ref: old.Ref, At: now, Event: string(WasSuperseded), By: f.By, Text: "by " + req.Ref}),
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
		in.apply(ctx, tx, now, e, len(earlier) > 0),
		tx.VoidReviews(ctx, req.Ref, now),
		in.toBoth(ctx, tx, now, Letter{Template: Approved, Ref: req.Ref, Facts: toPeople}),
		in.tellReviewers(ctx, tx, now, req, f, answersTo),
	)
}
