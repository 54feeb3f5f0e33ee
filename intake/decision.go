package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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
	r = ruling{on: verbs[d.Verb], text: strings.TrimSpace(d.Text)}
	if r.on == Ask && r.text == "" {
		return r, WhyNoQuestion
	}
	if r.on != Approve || d.Until == "" {
		return r, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, d.Until, in.Policy.Zone)
	if err != nil {
		return r, WhyBadUntil
	}
	full := now.Add(in.Policy.LongTerm.Duration)
	r.until = day.AddDate(0, 0, 1).Add(-time.Second).UTC() // the whole of that day is granted
	if !r.until.After(now) || day.After(full) {
		return r, WhyBadUntil
	}
	if r.until.After(full) { // the day on which the full period ends
		r.until = full
	}
	return r, ""
}

// decide applies a ruling to a request. The review is the token that it was made
// with; its use, the change of state and the letters are one. ErrStale or
// ErrNotNow when the token is void or the state does not allow it.
func (in *Intake) decide(ctx context.Context, tx Tx, now time.Time, req *Request, by Reviewer, review *ReviewRecord, r ruling, answersTo string) error {
	on := r.on
	if on == Approve {
		last, err := in.lastApproval(ctx, tx, req, by)
		if err != nil {
			return err
		}
		if !last {
			on = Approval
		}
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
	switch on {
	case Approve:
		return in.approved(ctx, tx, now, req, f, r, answersTo)
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

// lastApproval reports whether with this reviewer's approval a request has as
// many as its reason needs, each from another person who may decide now, and on
// the request as it is now. ErrNotNow for a second approval of one reviewer's.
func (in *Intake) lastApproval(ctx context.Context, tx Tx, req *Request, by Reviewer) (bool, error) {
	reason, _ := in.Policy.LongTerm.Reason(req.Reason)
	site, _ := in.Sites.ByCode(req.SiteCode)
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return false, err
	}
	approved := map[string]bool{by.Address: true}
	for _, v := range reviews {
		r, authorised := in.Reviewers.ByAddress(v.Reviewer)
		if v.Decision == Approve && v.Digest == req.Digest && v.VoidAt.IsZero() && r.Address == by.Address {
			return false, fmt.Errorf("%s has approved it already, and another reviewer must as well: %w", by.Address, ErrNotNow)
		}
		if v.Decision == Approve && v.Digest == req.Digest && v.VoidAt.IsZero() && authorised && !r.Barred(req, site) {
			approved[r.Address] = true
		}
	}
	return len(approved) >= reason.Approvals, nil
}

// approved starts the exception. Any that the user has already is superseded, so
// that the times neither overlap nor leave a gap.
func (in *Intake) approved(ctx context.Context, tx Tx, now time.Time, req *Request, f Facts, r ruling, answersTo string) error {
	e := &Exception{Ref: req.Ref, Category: Long, State: Active, Subject: req.Subject, SiteCode: req.SiteCode, SiteAddress: req.SiteAddress,
		Reason: req.Reason, GrantedBy: f.By, StartsAt: now, EndsAt: now.Add(in.Policy.LongTerm.Duration)}
	if !r.until.IsZero() {
		e.EndsAt = r.until
	}
	e.NextNoticeAt = nextNotice(e.EndsAt, now, in.Policy.LongTerm.Warnings)
	earlier, err := tx.ActiveFor(ctx, req.Subject.Email, now)
	if err != nil {
		return err
	}
	for _, old := range earlier {
		if err := errors.Join(
			tx.CloseException(ctx, old.Ref, WasSuperseded, now),
			tx.Record(ctx, HistoryEntry{Ref: old.Ref, At: now, Event: string(WasSuperseded), By: f.By, Text: "by " + req.Ref}),
		); err != nil {
			return err
		}
	}
	f.Starts, f.Ends = e.StartsAt, e.EndsAt
	toPeople := f
	toPeople.Said = ""
	return errors.Join(
		tx.AddException(ctx, e),
		tx.VoidReviews(ctx, req.Ref, now),
		in.toBoth(ctx, tx, now, Letter{Template: Approved, Ref: req.Ref, Facts: toPeople}),
		in.tellReviewers(ctx, tx, now, req, f, answersTo),
	)
}

// tokensIn lists the codes that a message brings back, the surest first: what it
// answers, its subject, its text. Quoted text counts here: a code proves nothing
// alone.
func tokensIn(m *parser.Message) []string {
	var out []string
	for _, s := range slices.Concat(answered(m), []string{m.Subject, m.Text}) {
		out = append(out, tokenForm.FindAllString(strings.ToLower(s), maxTokens)...)
	}
	return slices.Compact(out[:min(len(out), maxTokens)])
}

// maxTokens bounds the codes of a message that are looked up.
const maxTokens = 20

var tokenForm = regexp.MustCompile(secretPrefix + `[a-z2-7]{32}`)
