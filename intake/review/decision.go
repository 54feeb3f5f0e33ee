package review

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"mfabot/intake"
	"mfabot/parser"
)

// Ruling is what a reviewer decides, as an event of the request.
type Ruling struct {
	On    intake.Event
	Text  string
	Until time.Time // an earlier end than the policy's; zero for none
}

// Decision is a ruling on a request, to be carried out.
type Decision struct {
	Request *intake.Request
	By      intake.Reviewer
	Code    *intake.Review // that it was made with
	Ruling
	AnswersTo string // the Message-ID of the reviewer's message; empty for none
}

// ByVerb is the event that a command of reviewers asks for.
func ByVerb(verb string) (on intake.Event, known bool) {
	on, known = map[string]intake.Event{"approve": intake.EventApprove, "reject": intake.EventReject, "info": intake.EventAsk}[verb]
	return on, known
}

// ReadRuling turns a command into a ruling, or says why it cannot be one.
func ReadRuling(policy *intake.Policy, d *parser.Decision, now time.Time) (r Ruling, why intake.Why) {
	r = Ruling{Text: intake.BeforeCode(d.Text)}
	r.On, _ = ByVerb(d.Verb)
	switch {
	case r.On == intake.EventAsk && r.Text == "":
		return r, intake.WhyNoQuestion
	case r.On == intake.EventReject && r.Text == "":
		return r, intake.WhyNoReason
	}
	if r.On != intake.EventApprove || d.Until == "" {
		return r, ""
	}
	day, end, err := policy.DayOf(d.Until)
	if err != nil {
		return r, intake.WhyBadUntil
	}
	full := now.Add(policy.LongTerm.Duration)
	if !end.After(now) || day.After(full) {
		return r, intake.WhyBadUntil
	}
	r.Until = end
	if r.Until.After(full) { // the day on which the full period ends
		r.Until = full
	}
	return r, ""
}

// Refusal is the error of a ruling that cannot be carried out.
type Refusal struct {
	Why   intake.Why // as an answer to a reviewer gives it
	Ends  time.Time  // of the exception that stands in the way; zero for none
	Words string
}

func (r *Refusal) Error() string { return r.Words }

// Decide carries a decision out: the use of its code, the change of state and the
// letters are one. ErrStale or ErrNotNow when the code is void or the state does not
// allow it, a Refusal when the ruling itself cannot be.
func (p *Panel) Decide(ctx context.Context, tx Tx, d Decision) error {
	return (&deciding{Panel: p, Tx: tx, Decision: d, req: d.Request}).run(ctx)
}

// deciding is a decision that is being carried out.
type deciding struct {
	*Panel
	Tx
	Decision
	req *intake.Request
}

func (d *deciding) run(ctx context.Context) error {
	on, until, err := d.weigh(ctx)
	if err != nil {
		return err
	}
	from := d.req.State
	if err := d.Advance(d.req, d.Now, on); err != nil {
		return err
	}
	if err := d.Tx.Decide(ctx, d.Code.ID, d.On, d.Text, d.Now); err != nil {
		return err
	}
	if err := d.UpdateRequest(ctx, d.req, from); err != nil {
		return err
	}
	if err := d.Record(ctx, intake.HistoryEntry{Ref: d.req.Ref, At: d.Now, Event: on, By: d.By.Address, Text: d.Text}); err != nil {
		return err
	}
	f := d.FactsOfRequest(d.req)
	f.Audience, f.By, f.At, f.Said, f.Decision = intake.ToSite, d.By.Name, d.Now, d.Text, string(d.req.State)
	if on == intake.EventReject || on == intake.EventAsk {
		if f.Runs, err = d.Runs(ctx, d.Tx, d.req); err != nil {
			return err
		}
	}
	switch on {
	case intake.EventApprove:
		return d.approved(ctx, f, until)
	case intake.EventReject:
		return d.rejected(ctx, f)
	case intake.EventAsk:
		f.Ends = d.req.LapsesAt
		return d.out.Send(ctx, d.Work, intake.Letter{Template: intake.LetterQuestion, To: d.req.SiteAddress, Ref: d.req.Ref, Facts: f})
	}
	return nil
}

// rejected tells everybody of a rejection.
func (d *deciding) rejected(ctx context.Context, f intake.Facts) error {
	f.Why = intake.WhyReviewer
	if err := d.VoidReviews(ctx, d.req.Ref, d.Now); err != nil {
		return err
	}
	if err := d.out.Send(ctx, d.Work, intake.Letter{Template: intake.LetterRejected, To: d.req.SiteAddress, Ref: d.req.Ref, Facts: f}); err != nil {
		return err
	}
	return d.tellReviewers(ctx, d.Tx, d.req, f, d.AnswersTo)
}

// weigh is the event that a ruling amounts to: an approval may be one of several
// that are needed. The end is the earliest of those that count; zero for the
// policy's.
func (d *deciding) weigh(ctx context.Context) (on intake.Event, until time.Time, err error) {
	if d.On != intake.EventApprove {
		return d.On, d.Until, nil
	}
	reason, known := d.Policy.LongTerm.Reason(d.req.Reason)
	if !known {
		return "", until, &Refusal{Why: intake.WhyReasonGone, Words: fmt.Sprintf("the policy has no long-term reason %q any more: put it back, or reject the request", d.req.Reason)}
	}
	approvers, until, err := d.approvals(ctx)
	if err != nil {
		return "", until, err
	}
	if err := d.noShorter(ctx, until); err != nil {
		return "", until, err
	}
	if approvers < reason.Approvals {
		return intake.EventApproval, until, nil
	}
	return intake.EventApprove, until, nil
}

// approvals counts the people who with this reviewer have approved a request as
// it is now, may decide on it now, and set no end that is over. until is the
// earliest end that one of them set. ErrNotNow for a second approval of one
// reviewer's.
func (d *deciding) approvals(ctx context.Context) (n int, until time.Time, err error) {
	site, _ := d.Sites.Now().ByCode(d.req.SiteCode)
	reviews, err := d.Reviews(ctx, d.req.Ref)
	if err != nil {
		return 0, until, err
	}
	until = d.Until
	approved := map[string]bool{d.By.Address: true}
	for _, v := range reviews {
		if v.Decision != intake.EventApprove || v.Digest != d.req.Digest || !v.VoidAt.IsZero() {
			continue
		}
		end := endSet(d.Policy, v)
		if !end.IsZero() && !end.After(d.Now) {
			continue
		}
		other, authorised := d.Reviewers.ByAddress(v.Reviewer)
		switch {
		case other.Address == d.By.Address:
			return 0, until, fmt.Errorf("%s has approved it already, and another reviewer must as well: %w", d.By.Address, intake.ErrNotNow)
		case !authorised || other.Barred(d.req, site):
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
func endSet(policy *intake.Policy, v intake.Review) time.Time {
	day := UntilDay(v.Text)
	if day == "" {
		return time.Time{}
	}
	_, end, err := policy.DayOf(day)
	if err != nil {
		return time.Time{}
	}
	return end
}

// noShorter refuses an end before that of an exception which the user has: an
// approval would take time away. Whoever means that can revoke it.
func (d *deciding) noShorter(ctx context.Context, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	earlier, err := d.Unclosed(ctx, d.req.User.Email)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.StateAt(d.Now) == intake.Active && e.EndsAt.After(until) {
			return &Refusal{Why: intake.WhyBadUntil, Ends: e.EndsAt, Words: fmt.Sprintf("%s has the exception %s until %s, which is later", d.req.User.Email, e.Ref, d.Moment(e.EndsAt))}
		}
	}
	return nil
}

// tellReviewers tells everybody who was asked that nothing is left to decide.
// Where an exception came of it, each gets a token to end it with.
func (p *Panel) tellReviewers(ctx context.Context, tx Tx, req *intake.Request, f intake.Facts, answersTo string) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return err
	}
	f.Audience = intake.ToReviewer
	for _, r := range p.Concerned(req, reviews) {
		if !intake.WasAsked(r, reviews) {
			continue
		}
		l := intake.Letter{Template: intake.LetterDecided, To: r.Address, Ref: req.Ref, Facts: f}
		if f.By == r.Name {
			l.AnswersTo = answersTo
		}
		if req.State == intake.Approved {
			review, err := p.out.NewCode(ctx, tx.Work, req, r, intake.ToRevoke)
			if err != nil {
				return err
			}
			l.Facts.Seed, l.Facts.CodeHash = review.Seed, review.CodeHash
		}
		if err := p.out.Send(ctx, tx.Work, l); err != nil {
			return err
		}
	}
	return nil
}

// UntilDay is the day that the words of an approval set, as 2027-03-01; empty for none.
func UntilDay(words string) string {
	if m := untilForm.FindStringSubmatch(words); m != nil {
		return m[1]
	}
	return ""
}

var untilForm = regexp.MustCompile(`(?i)^until ([0-9]{4}-[0-9]{2}-[0-9]{2})$`)
