package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mfabot/parser"
)

// fromReviewer handles what reviewers write, and whatever claims to decide with
// a token of theirs.
func (in *Inbox) fromReviewer(ctx context.Context, t *turn) (Conclusion, bool, error) {
	sender, known := in.Reviewers.ByAddress(t.from())
	if known {
		if err := in.present(ctx, t, sender); err != nil {
			return Conclusion{}, true, err
		}
	}
	_, asSite := in.siteOf(t)
	if !known && t.msg.Decision == nil && asSite { // which may quote what a reviewer has shown it
		return Conclusion{}, false, nil
	}
	review, several, err := in.reviewOf(ctx, t)
	if errors.Is(err, ErrNotFound) {
		if !known || asSite {
			return Conclusion{}, false, nil
		}
		t.check("code", false, "there is no review code of ours in it")
		c, err := in.noDecision(ctx, t, sender, nil, WhyNoToken)
		return c, true, err
	}
	if err != nil {
		return Conclusion{}, true, err
	}
	t.check("code", true, "it brings the code of %s for %s, given out on %s", review.Reviewer, review.Ref, in.moment(review.CreatedAt))
	if known && !t.either("one request", !several, "its codes and references are of one request", "its codes and references are of several requests") {
		c, err := in.noDecision(ctx, t, sender, nil, WhySeveral)
		return c, true, err
	}
	req, err := t.Request(ctx, review.Ref)
	if err != nil {
		return Conclusion{}, true, err
	}
	c, err := in.withCode(ctx, t, req, review, sender)
	return c, true, err
}

// withCode takes a message that brings a code, from whomever: sender is empty where
// it is no reviewer's.
func (in *Inbox) withCode(ctx context.Context, t *turn, req *Request, review *ReviewRecord, sender Reviewer) (Conclusion, error) {
	owner, _ := in.Reviewers.ByAddress(review.Reviewer)
	switch {
	case sender.Address == "" && t.from() == review.Reviewer:
		t.check("reviewer", false, "%s is no reviewer any more", t.from())
		return in.noLonger(ctx, t, req)
	case sender.Address == "":
		t.check("reviewer", false, "%s is no address of the reviewer whose code it is", t.from())
		return in.wrongHands(ctx, t, req, review, owner)
	case !t.check("reviewer", sender.Address == owner.Address, "%s wrote with the code of %s", sender.Address, review.Reviewer): // also where its reviewer is none any more
		return in.noDecision(ctx, t, sender, req, WhyNotYours)
	}
	return in.fromItsReviewer(ctx, t, req, review, sender)
}

// reviewOf finds the tokens that a message brings back, of which the nearest is
// meant, or ErrNotFound. several reports that another of them, or a reference in
// the subject, is another request's: which one is meant is then anybody's guess.
func (in *Inbox) reviewOf(ctx context.Context, t *turn) (nearest *ReviewRecord, several bool, err error) {
	for _, token := range tokensIn(t.msg, t.covers) {
		review, err := t.ReviewByToken(ctx, hashToken(token))
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, false, err
		case nearest == nil:
			nearest = review
		default:
			several = several || review.Ref != nearest.Ref
		}
	}
	if nearest == nil {
		return nil, false, ErrNotFound
	}
	for _, ref := range refForm.FindAllString(t.msg.Subject, -1) {
		several = several || !strings.EqualFold(ref, nearest.Ref)
	}
	return nearest, several, nil
}

// onBehalf reports whether a message says that somebody else sent it for the
// reviewer: a delegate, who has no authority of their own.
func (t *turn) onBehalf(r Reviewer) bool {
	named := slices.ContainsFunc(t.msg.Header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Sender") })
	return named && !r.has(Canonical(t.msg.Sender))
}

// addressed reports whether a message was written to us, as far as it says to whom.
// A reviewer's words to somebody else are no decision, whoever passes them on.
func (in *Inbox) addressed(t *turn) bool {
	recipients := slices.Concat(t.msg.To, t.msg.Cc)
	return len(recipients) == 0 || slices.ContainsFunc(recipients, func(addr string) bool { return in.isOurs(Canonical(addr)) })
}

// isOurs reports whether mail to an address comes to us: the service's own or a
// watched mailbox's, with or without what follows a plus sign.
func (s *Service) isOurs(addr string) bool {
	addr = withoutDetail(addr)
	if addr == withoutDetail(s.Address) {
		return true
	}
	for _, m := range s.Mailboxes {
		if m.Address != "" && addr == withoutDetail(m.Address) {
			return true
		}
	}
	return false
}

// withoutDetail is an address without what follows a plus sign (RFC 5233).
func withoutDetail(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// condition is what must hold before a reviewer's message decides anything.
type condition struct {
	name    string
	holds   bool
	why     string // the answer where it does not
	yes, no string // for whoever asks why
}

// conditions are those of every command, the first to be told of first.
func (in *Inbox) conditions(t *turn, req *Request, sender Reviewer) []condition {
	site, _ := in.Sites.Now().ByCode(req.SiteCode)
	return []condition{
		{"authority", !sender.Barred(req, site), WhyBarred, "they may decide on this request",
			"the request is for the reviewer, was written by them, or is from a site of theirs"},
		{"sent by the reviewer", !t.onBehalf(sender), WhyOnBehalf, "nobody else sent it for them", "its Sender field names " + cmp.Or(t.msg.Sender, "somebody else")},
		{"written to us", in.addressed(t), WhyNotAddressed, "we are among those it was written to", "neither To nor Cc names " + in.Address},
		{"framed by the author", (t.covers("content-type") && t.covers("content-transfer-encoding")) || framed(t.msg, t.Raw), WhyNoCommand,
			"its parts are as the author divided them", "its Content-Type is not proven, and its parts do not begin and end as it says"},
		{"command", t.msg.Decision != nil, WhyNoCommand, "the first line of the new text is one command", "the first line of the new text is no command, or there is doubt"},
	}
}

// fromItsReviewer takes the decision of the reviewer to whom the token was given.
func (in *Inbox) fromItsReviewer(ctx context.Context, t *turn, req *Request, review *ReviewRecord, sender Reviewer) (Conclusion, error) {
	for _, c := range in.conditions(t, req, sender) {
		if !t.either(c.name, c.holds, c.yes, c.no) {
			return in.noDecision(ctx, t, sender, req, c.why)
		}
	}
	d := t.msg.Decision
	switch {
	case d.Verb == "revoke":
		return in.revokeByMail(ctx, t, req, review, sender)
	case !t.check("undecided", req.State == Pending || req.State == NeedsInfo, "%s is %s", req.Ref, req.State):
		return in.tooLate(ctx, t, sender, req)
	case !t.either("code holds", review.VoidAt.IsZero() && review.Purpose == ToDecide && review.Digest == req.Digest,
		"the code is for "+req.Ref+" as it is now", "the code is for "+req.Ref+" as it was before it changed"):
		return in.noDecision(ctx, t, sender, req, WhySuperseded)
	case !t.either("waiting for reviewers", req.State == Pending, req.Ref+" waits for a decision", "the site has been asked a question, and has not answered"):
		return in.tooLate(ctx, t, sender, req)
	case !t.check("code in time", t.Now.Sub(review.CreatedAt) < in.Policy.CodesLast, "codes last %d days", int(in.Policy.CodesLast.Hours()/24)):
		return in.expired(ctx, t, req, review, sender)
	}
	r, why := in.panel.ruleOn(d, t.Now)
	if why != "" {
		t.check("complete", false, "the command cannot be carried out: %s", why)
		return in.noDecision(ctx, t, sender, req, why)
	}
	if !review.DecidedAt.IsZero() {
		if review.Decision != Approve || r.on == Approve {
			t.check("code unused", false, "it was used on %s", in.moment(review.DecidedAt))
			return in.noDecision(ctx, t, sender, req, WhyNotNow)
		}
		var err error // second thoughts, before the others have approved
		if review, err = in.panel.reviewByHand(ctx, t.ReviewTx, req, sender); err != nil {
			return Conclusion{}, err
		}
	}
	err := in.panel.decide(ctx, t.ReviewTx, req, sender, review, r, t.msg.MessageID)
	var no *refusal
	switch {
	case errors.As(err, &no):
		t.check("possible", false, "%s", no.words)
		return in.impossible(ctx, t, sender, req, no)
	case errors.Is(err, ErrNotNow):
		t.check("possible", false, "%v", err)
		return in.noDecision(ctx, t, sender, req, WhyNotNow)
	}
	return Conclusion{Outcome: AsDecision, Ref: req.Ref, Folder: Processed}, err
}

// expired answers a decision with a code that is too old, and gives the reviewer
// another: the request waits still.
func (in *Inbox) expired(ctx context.Context, t *turn, req *Request, review *ReviewRecord, sender Reviewer) (Conclusion, error) {
	if err := t.VoidReview(ctx, review.ID, t.Now); err != nil {
		return Conclusion{}, err
	}
	c, err := in.noDecision(ctx, t, sender, req, WhyExpired)
	if err != nil {
		return c, err
	}
	l, err := in.panel.reviewLetter(ctx, t.ReviewTx, req, nil)
	if err != nil {
		return c, err
	}
	return c, in.panel.askReviewer(ctx, t.ReviewTx, req, sender, l)
}

// impossible answers a ruling that cannot be carried out. A reason that is gone
// from the policy only the operator can put back.
func (in *Inbox) impossible(ctx context.Context, t *turn, sender Reviewer, req *Request, no *refusal) (Conclusion, error) {
	if no.why == WhyReasonGone {
		if err := in.out.alert(ctx, t.Work, WhyReasonGone, "A request cannot be approved",
			"Reference: "+req.Ref, "Reviewer: "+sender.Address, "Cause: "+no.words); err != nil {
			return Conclusion{}, err
		}
	}
	l := in.notUnderstood(t, sender, req, no.why)
	l.Facts.Ends = no.ends
	return in.refuse(ctx, t, l)
}

// revokeByMail ends an exception with the token that came with its approval.
func (in *Inbox) revokeByMail(ctx context.Context, t *turn, req *Request, review *ReviewRecord, sender Reviewer) (Conclusion, error) {
	if !t.either("code is to revoke", review.Purpose == ToRevoke, "the code came with the news of an approval", "the code came with a review email, and REVOKE needs that of the news of an approval") {
		return in.noDecision(ctx, t, sender, req, WhyNotNow)
	}
	e, err := t.Exception(ctx, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	if state := e.StateAt(t.Now); !t.check("active", state == Active, "the exception is %s", state) {
		return in.overAlready(ctx, t, sender, req, e)
	}
	if !t.either("code holds", review.VoidAt.IsZero() && review.DecidedAt.IsZero(), "the code has not been used", "the code is void") {
		return in.noDecision(ctx, t, sender, req, WhyNotNow)
	}
	reason := beforeCode(t.msg.Decision.Text)
	if !t.either("reason", reason != "", "a reason follows the command", "no reason follows the command") {
		return in.noDecision(ctx, t, sender, req, WhyNoReason)
	}
	err = errors.Join(
		t.Decide(ctx, review.ID, Revoke, reason, t.Now),
		in.panel.revoke(ctx, t.ReviewTx, e, "", reason, sender.Name),
	)
	return Conclusion{Outcome: AsDecision, Ref: req.Ref, Folder: Processed}, err
}

// noDecision answers a reviewer whose message decided nothing, at the registered
// address, with what to do.
func (in *Inbox) noDecision(ctx context.Context, t *turn, to Reviewer, req *Request, why string) (Conclusion, error) {
	return in.refuse(ctx, t, in.notUnderstood(t, to, req, why))
}

// notUnderstood is the answer of noDecision; req is nil where none is certain.
func (in *Inbox) notUnderstood(t *turn, to Reviewer, req *Request, why string) Letter {
	l := Letter{Template: NotUnderstood, To: to.Address, Facts: Facts{Audience: ToReviewer}}
	if req != nil {
		l.Ref, l.Facts = req.Ref, in.requestFacts(req)
		l.Facts.Audience, l.Facts.Decision = ToReviewer, string(req.State)
	}
	l.Facts.Why, l.Facts.Said, l.Facts.Latest = why, t.msg.NewText, t.Now.Add(in.Policy.LongTerm.Duration)
	if why == WhyOnBehalf {
		l.Facts.By = t.msg.Sender
	}
	return l
}

// tooLate answers a decision on a request that does not wait for one: it is
// decided, or the site was asked a question first.
func (in *Inbox) tooLate(ctx context.Context, t *turn, to Reviewer, req *Request) (Conclusion, error) {
	f := in.requestFacts(req)
	f.Audience, f.Why, f.Decision, f.At = ToReviewer, becauseDecided, string(req.State), req.WaitingSince
	reviews, err := t.Reviews(ctx, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	made := map[State]Event{IsApproved: Approve, IsRejected: Reject, NeedsInfo: Ask}[req.State]
	if req.State == NeedsInfo {
		f.Why = WhyNotNow
	}
	for _, v := range reviews {
		if made != "" && v.Decision == made {
			by, _ := in.Reviewers.ByAddress(v.Reviewer)
			f.By, f.At = cmp.Or(by.Name, v.Reviewer), v.DecidedAt
		}
	}
	return in.refuse(ctx, t, Letter{Template: AlreadyDecided, To: to.Address, Ref: req.Ref, Facts: f})
}

// noLonger answers somebody who was a reviewer when the code was given out, at the
// address that was registered then and has now been proven.
func (in *Inbox) noLonger(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	if err := in.securityEvent(ctx, t, WhyNoLonger, req.Ref, "with a review code of their own", "Somebody who is no reviewer any more tried to decide",
		"Reference: "+req.Ref, "From: "+t.from(), "Nothing was decided. The sender was told to ask you, if they should be a reviewer still."); err != nil {
		return Conclusion{}, err
	}
	f := Facts{Audience: ToReviewer, Why: WhyNoLonger, Said: t.msg.NewText}
	return in.refuse(ctx, t, Letter{Template: NotUnderstood, To: t.from(), Ref: req.Ref, Facts: f})
}

// overAlready answers a command to end what is over.
func (in *Inbox) overAlready(ctx context.Context, t *turn, to Reviewer, req *Request, e *Exception) (Conclusion, error) {
	f := in.requestFacts(req)
	f.Audience, f.Why, f.Decision, f.At = ToReviewer, becauseDecided, string(e.StateAt(t.Now)), cmp.Or(e.ClosedAt, e.EndsAt)
	history, err := t.History(ctx, e.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	for _, h := range history {
		if h.Event == string(Revoke) {
			f.By = h.By
		}
	}
	return in.refuse(ctx, t, Letter{Template: AlreadyDecided, To: to.Address, Ref: req.Ref, Facts: f})
}

// wrongHands deals with a token that came back from an address that is not its
// reviewer's: the reviewer is told at the registered address, the operator is
// told, and whoever wrote is not.
func (in *Inbox) wrongHands(ctx context.Context, t *turn, req *Request, review *ReviewRecord, owner Reviewer) (Conclusion, error) {
	if err := in.securityEvent(ctx, t, WhyWrongAddress, req.Ref, "with the review code of "+review.Reviewer, "Somebody else used a reviewer's code",
		"Reference: "+req.Ref, "Reviewer: "+review.Reviewer, "From: "+t.from(),
		"Nothing was decided. Ask the reviewer whether they forwarded the email or wrote from another address."); err != nil {
		return Conclusion{}, err
	}
	c := Conclusion{Outcome: AsRefused, Reason: WhyWrongAddress, Ref: req.Ref, Folder: RefusedBox}
	if owner.Address == "" {
		return c, nil
	}
	err := t.Spend(ctx, NewAllowance(fmt.Sprintf("wrong hands:%d", review.ID), 1), t.Now)
	if errors.Is(err, ErrSpent) { // told of this code today; more would use up what the reviewer is answered with
		return c, nil
	}
	if err != nil {
		return c, err
	}
	f := in.requestFacts(req)
	f.Audience, f.Why, f.Expected, f.Said = ToReviewer, WhyWrongAddress, owner.Address, t.from()
	return c, in.answer(ctx, t, Letter{Template: NotUnderstood, To: owner.Address, Ref: req.Ref, Facts: f})
}
