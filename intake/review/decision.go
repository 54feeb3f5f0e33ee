package review

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"mfabot/intake"
	"mfabot/parser"
)

// Decisions stores reviews: the codes that reviewers were given, and what they decided with them.
type Decisions interface {
	// Reviews returns all reviews of a request, oldest first.
	Reviews(ctx context.Context, ref string) ([]intake.Review, error)
	// Decide records a decision if its code is still valid; else ErrStale.
	Decide(ctx context.Context, id int64, decision intake.Event, text string, now time.Time) error
	// VoidReview voids one code.
	VoidReview(ctx context.Context, id int64, now time.Time) error
	// VoidReviews voids all codes of a request.
	VoidReviews(ctx context.Context, ref string, now time.Time) error
}

// Ruling is what a reviewer decides.
type Ruling struct {
	On    intake.Event // EventApprove, EventReject or EventAsk
	Text  string       // the reason or the question
	Until time.Time    // an end earlier than the policy's; zero for none
}

// Decision is a ruling on a request.
type Decision struct {
	Request *intake.Request
	By      intake.Reviewer
	Code    *intake.Review // the code it was made with
	Ruling
	AnswersTo string // the Message-ID of the reviewer's message; empty if there is none
}

// ByVerb returns the event that a reviewer's command asks for.
func ByVerb(verb string) (on intake.Event, known bool) {
	on, known = map[string]intake.Event{
		"approve": intake.EventApprove,
		"reject":  intake.EventReject,
		"info":    intake.EventAsk,
	}[verb]
	return on, known
}

// ReadRuling turns a command into a ruling; why is not empty if the command is incomplete or its end is not
// one that the policy allows.
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

// Refusal is the error for a ruling that cannot be carried out.
type Refusal struct {
	Why   intake.Why // for the answer to the reviewer
	Ends  time.Time  // when the exception in the way ends; zero if none is
	Of    string     // that exception
	Words string     // for the operator
}

// Error returns the words for the operator.
func (r *Refusal) Error() string { return r.Words }

// Decide carries out a decision: it uses up the code, changes the state and sends the letters, all in tx. It
// returns ErrStale if the code is void, ErrNotNow if the state does not allow the decision, and a *Refusal if
// the policy or another exception rules it out.
func (p *Panel) Decide(ctx context.Context, tx Tx, d Decision) error {
	return (&deciding{Panel: p, Tx: tx, Decision: d}).run(ctx)
}

// deciding is a decision being carried out.
type deciding struct {
	*Panel
	Tx
	Decision
}

func (d *deciding) run(ctx context.Context) error {
	on, until, err := d.weigh(ctx)
	if err != nil {
		return err
	}
	from := d.Request.State
	if err := d.Advance(d.Request, d.Now, on); err != nil {
		return err
	}
	if err := d.Tx.Decide(ctx, d.Code.ID, d.On, d.Text, d.Now); err != nil {
		return err
	}
	if err := d.UpdateRequest(ctx, d.Request, from); err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: d.Request.Ref, At: d.Now, Event: on, By: d.By.Address, Text: d.Text}
	if on == intake.EventApprove {
		entry.Until, entry.User = d.ends(until), d.Request.User.Email
	}
	if err := d.Record(ctx, entry); err != nil {
		return err
	}
	f := d.FactsOfRequest(d.Request)
	f.Audience, f.By, f.At, f.Said, f.Decision = intake.ToSite, d.By.Name, d.Now, d.Text, string(d.Request.State)
	if on == intake.EventReject || on == intake.EventAsk {
		if err = SetRuns(ctx, d.Panel, d.Tx, d.Request, &f); err != nil {
			return err
		}
	}
	// These are the events that weigh returns.
	//exhaustive:ignore
	switch on {
	case intake.EventApprove:
		return d.start(ctx, f, until)
	case intake.EventReject:
		return d.rejected(ctx, f)
	case intake.EventAsk:
		f.Ends = d.Request.LapsesAt
		question := intake.Letter{Template: intake.LetterQuestion, To: d.Request.SiteAddress, Ref: d.Request.Ref, Facts: f}
		return d.out.Send(ctx, d.Work, question)
	}
	return nil
}

// rejected voids the codes of a rejected request and tells its site and its reviewers.
func (d *deciding) rejected(ctx context.Context, f intake.Facts) error {
	f.Why = intake.WhyReviewer
	if err := d.VoidReviews(ctx, d.Request.Ref, d.Now); err != nil {
		return err
	}
	rejection := intake.Letter{Template: intake.LetterRejected, To: d.Request.SiteAddress, Ref: d.Request.Ref, Facts: f}
	if err := d.out.Send(ctx, d.Work, rejection); err != nil {
		return err
	}
	if err := tellNotRenewed(ctx, d.Panel, d.Tx, d.Request, f.Why); err != nil {
		return err
	}
	return d.tellReviewers(ctx, d.Tx, d.Request, f, d.AnswersTo)
}

// weigh returns the event that a ruling amounts to: where several approvals are needed, an early one is only
// EventApproval. until is the earliest end among the approvals that count; zero means the policy's.
func (d *deciding) weigh(ctx context.Context) (on intake.Event, until time.Time, err error) {
	if d.On != intake.EventApprove {
		return d.On, d.Until, nil
	}
	if _, known := d.Policy.LongTerm.Reason(d.Request.Reason); !known {
		return "", until, &Refusal{Why: intake.WhyReasonGone, Words: fmt.Sprintf(
			"the policy no longer has the long-term reason %q: put it back, or reject the request", d.Request.Reason)}
	}
	need, err := needOf(ctx, d.Service, d.Tx, d.Request)
	if err != nil {
		return "", until, err
	}
	if err := d.mayHaveOne(need); err != nil {
		return "", until, err
	}
	approvers, until, err := d.approvals(ctx)
	if err != nil {
		return "", until, err
	}
	if err := d.noShorter(ctx, until); err != nil {
		return "", until, err
	}
	if approvers < need.approvals {
		return intake.EventApproval, until, nil
	}
	return intake.EventApprove, until, nil
}

// mayHaveOne refuses an approval for a user to whom the policy gives no exception by email, whatever it said when
// the request came.
func (d *deciding) mayHaveOne(n need) error {
	why, err := d.Users.Unfit(d.Request.User.Email)
	if err != nil {
		return err
	}
	if why == "" && n.foreign && d.Policy.ForeignDomain == intake.ForeignRefuse {
		why = intake.WhyForeignDomain
	}
	if why == "" {
		return nil
	}
	return &Refusal{Why: why, Words: fmt.Sprintf("%s gets no exception by email (%s): reject the request",
		d.Request.User.Email, why)}
}

// approvals counts the approvals, this one included, of the request as it is now. An approval counts if its
// reviewer may still decide and any end it set is still to come. until is the earliest end set; zero for
// none. ErrNotNow if this reviewer has approved the request before.
func (d *deciding) approvals(ctx context.Context) (n int, until time.Time, err error) {
	reviews, err := d.Reviews(ctx, d.Request.Ref)
	if err != nil {
		return 0, until, err
	}
	until = d.Until
	earlier := approvalsOf(d.Service, d.Request, reviews, d.Now)
	if _, has := earlier[d.By.Address]; has {
		return 0, until, fmt.Errorf("%s has already approved it, and another reviewer must too: %w",
			d.By.Address, intake.ErrNotNow)
	}
	for _, end := range earlier {
		if !end.IsZero() && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	return len(earlier) + 1, until, nil
}

// approvalsOf returns the approvals of a request as it is now that count: the earliest end that each reviewer set,
// which is zero for none.
func approvalsOf(s *intake.Service, req *intake.Request, reviews []intake.Review, now time.Time) map[string]time.Time {
	ends := make(map[string]time.Time)
	for _, v := range reviews {
		if v.Decision != intake.EventApprove || v.Digest != req.Digest || !v.VoidAt.IsZero() {
			continue
		}
		end := endSet(s.Policy, v)
		by, authorised := s.Reviewers.ByAddress(v.Reviewer)
		if !end.IsZero() && !end.After(now) || !authorised || s.Barred(by, req) {
			continue
		}
		if before := ends[by.Address]; before.IsZero() || !end.IsZero() && end.Before(before) {
			ends[by.Address] = end
		}
	}
	return ends
}

// endSet returns the end that an approval set; zero for none.
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

// noShorter refuses an approval that would shorten the user's current exception. Revoking is the way to do
// that.
func (d *deciding) noShorter(ctx context.Context, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	earlier, err := d.Unclosed(ctx, d.Request.User.Email)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.StateAt(d.Now) == intake.Active && e.EndsAt.After(until) {
			return &Refusal{Why: intake.WhyBadUntil, Ends: e.EndsAt, Of: e.Ref, Words: fmt.Sprintf(
				"%s already has exception %s, which ends later, at %s: approve until that day or later or for the full period, "+
					"or reject; to shorten it, revoke %s first", d.Request.User.Email, e.Ref, d.Moment(e.EndsAt), e.Ref)}
		}
	}
	return nil
}

// tellReviewers tells everybody who was asked what has become of the request or its exception: f.Decision. If
// it was approved, each gets a code to revoke the exception with. Who ended the exception by email knows.
func (p *Panel) tellReviewers(ctx context.Context, tx Tx, req *intake.Request, f intake.Facts, answersTo string) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return err
	}
	f.Audience, f.Typed = intake.ToReviewer, p.Typist
	for _, r := range p.Concerned(req, reviews) {
		ended := f.By == r.Name && f.Typed == "" && f.Decision == string(intake.Revoked)
		if ended || !intake.WasAsked(r, reviews) {
			continue
		}
		l := intake.Letter{Template: intake.LetterDecided, To: r.Address, Ref: req.Ref, Facts: f}
		later := false
		if p.Policy.Review.DecidedLater {
			if err := tx.OvertakeLetters(ctx, intake.LetterDecided, req.Ref, r.Address); err != nil { // which would not be true any more
				return err
			}
			// What is told in somebody's name who may not know of it, and what ends something, does not wait.
			later = f.By != r.Name && f.Typed == "" && f.Decision != string(intake.Revoked)
		}
		if f.By == r.Name {
			l.AnswersTo = answersTo
		}
		if f.Decision == string(intake.Approved) {
			review, err := p.out.NewCode(ctx, tx.Work, req, r, intake.ToRevoke)
			if err != nil {
				return err
			}
			l.Facts.Seed, l.Facts.CodeHash = review.Seed, review.CodeHash
		}
		if later {
			err = sendByMorning(ctx, p, tx.Work, l)
		} else {
			err = p.out.Send(ctx, tx.Work, l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UntilDay returns the last day that the words of an approval set, as 2027-03-01; empty for none.
func UntilDay(words string) string {
	if m := untilForm.FindStringSubmatch(words); m != nil {
		return m[1]
	}
	return ""
}

var untilForm = regexp.MustCompile(`(?i)^until ([0-9]{4}-[0-9]{2}-[0-9]{2})$`)
