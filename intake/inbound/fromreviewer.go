package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/intake/wording"
)

// reviewerMail is a message being handled that a reviewer wrote, or that contains a review code.
type reviewerMail struct {
	*Inbox
	*message
	sender intake.Reviewer // zero if the author is not a reviewer
}

// fromReviewer handles what reviewers write, and whatever tries to decide with one of their codes.
func (in *Inbox) fromReviewer(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	sender, isReviewer := in.Reviewers.ByAddress(m.from())
	mail := &reviewerMail{in, m, sender}
	if isReviewer && !in.SitesCanWrite(m.Mailbox) && mail.addressed() {
		if err := mail.present(ctx); err != nil {
			return intake.Conclusion{}, true, err
		}
	}
	_, asSite := in.siteOf(m.Mailbox, m.from())
	if !isReviewer && m.msg.Decision == nil && asSite { // it may quote what a reviewer has shown it
		return intake.Conclusion{}, false, nil
	}
	// A command in the wrong place is answered: whoever wrote it believes that they have decided.
	if isReviewer && m.msg.Decision == nil && m.means().acknowledges && !wording.Commands(m.msg.Subject, m.msg.Text) {
		m.check("thanks", true, "it only thanks or acknowledges")
		c, err := m.noted(ctx, "")
		return c, true, err
	}
	if c, mine, err := (severalMail{mail}).decide(ctx); mine || err != nil {
		return c, true, err
	}
	review, several, err := mail.reviewOf(ctx)
	if errors.Is(err, intake.ErrNotFound) {
		if !isReviewer || asSite {
			return intake.Conclusion{}, false, nil
		}
		why, err := mail.codeless(ctx)
		if err != nil {
			return intake.Conclusion{}, true, err
		}
		c, err := mail.noDecision(ctx, nil, why)
		return c, true, err
	}
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	m.check("code", true, "it has the code of %s for %s, given out on %s", review.Reviewer, review.Ref,
		in.Moment(review.CreatedAt))
	if isReviewer && !m.either("one request", !several,
		"its codes and references belong to one request", "its codes and references belong to several requests") {
		c, err := mail.noDecision(ctx, nil, intake.WhySeveral)
		return c, true, err
	}
	req, err := m.Request(ctx, review.Ref)
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	c, err := mail.withCode(ctx, req, review)
	return c, true, err
}

// codeless says why a message without a code decides nothing: it may answer a letter about several requests.
func (m *reviewerMail) codeless(ctx context.Context) (intake.Why, error) {
	for _, id := range m.answered() {
		o, err := m.OutboundByMessageID(ctx, id)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return "", err
		}
		if err == nil && (o.Template == intake.LetterReminders || o.Template == intake.LetterReviews) {
			m.check("one request", false, "it answers a letter about several requests")
			return intake.WhySeveral, nil
		}
	}
	m.check("code", false, "it contains none of our review codes")
	return intake.WhyNoCode, nil
}

// withCode handles a message with a code, whoever sent it.
func (m *reviewerMail) withCode(ctx context.Context, req *intake.Request, review *intake.Review) (intake.Conclusion, error) {
	owner, _ := m.Reviewers.ByAddress(review.Reviewer)
	switch {
	case m.sender.Address == "" && m.from() == review.Reviewer:
		m.check("reviewer", false, "%s is no longer a reviewer", m.from())
		return m.noLonger(ctx, req)
	case m.sender.Address == "":
		m.check("reviewer", false, "%s is not an address of the reviewer whose code this is", m.from())
		return m.wrongHands(ctx, req, review, owner)
	case !m.check("reviewer", m.sender.Address == owner.Address, "%s wrote with the code of %s",
		m.sender.Address, review.Reviewer):
		// Also if the code's reviewer is no longer one.
		return m.noDecision(ctx, req, intake.WhyNotYours)
	}
	return m.fromItsReviewer(ctx, req, review)
}

// reviewOf looks up the message's codes and returns the review of the nearest, or ErrNotFound. One that confirms is
// nearer than those of the letters before it, to which the same conversation refers. several reports whether another
// code, or a reference in the subject, belongs to another request: then there is no telling which one is meant.
func (m *reviewerMail) reviewOf(ctx context.Context) (nearest *intake.Review, several bool, err error) {
	for _, code := range codesIn(m.msg, m.covers) {
		review, err := m.ReviewByCode(ctx, outbox.HashCode(code))
		switch {
		case errors.Is(err, intake.ErrNotFound):
		case err != nil:
			return nil, false, err
		case nearest == nil || review.Confirms(nearest):
			nearest = review
		default:
			several = several || review.Ref != nearest.Ref
		}
	}
	if nearest == nil {
		return nil, false, intake.ErrNotFound
	}
	for _, ref := range refsIn(m.msg.Subject) {
		several = several || !strings.EqualFold(ref, nearest.Ref)
	}
	return nearest, several, nil
}

// addressed reports whether the message was addressed to us, or to nobody. A reviewer's words to somebody
// else are not a decision, whoever passes them on.
func (m *reviewerMail) addressed() bool { return m.meant(m.IsOurs) }

// elsewhere reports whether the proof of the sender says that the message was written to others.
func (m *reviewerMail) elsewhere() bool {
	return m.covers("sender") && m.covers("to") && m.covers("cc") && !m.addressed()
}

// meantForUs is addressed, for whoever asks why.
func (m *reviewerMail) meantForUs() bool {
	return m.either("meant for us", m.addressed(), "they wrote it to us", "nothing proves that they wrote it to us: they are asked")
}

// condition must be met before a reviewer's message decides anything.
type condition struct {
	name    string
	met     bool
	why     intake.Why // the answer if it is not met
	yes, no string     // for whoever asks why
}

// conditions returns the conditions of every command. The first that is not met is the one that is answered.
func (m *reviewerMail) conditions(req *intake.Request) []condition {
	return []condition{
		{"in a mailbox of ours", !m.SitesCanWrite(m.Mailbox), intake.WhySiteMailbox, "no site can write to the mailbox it came into",
			"it came into a site's own mailbox, to which people there can write"},
		{"authority", !m.Barred(m.sender, req), intake.WhyBarred, "they may decide on this request",
			"the request is for the reviewer, was written by them, or is from their site"},
		{"sent by the reviewer", !m.onBehalf(m.sender), intake.WhyOnBehalf, "nobody else sent it for them",
			"its Sender field names " + cmp.Or(m.msg.Sender, "somebody else")},
		{"written to us", !m.elsewhere(), intake.WhyNotAddressed, "it was not addressed to others only",
			"neither To nor Cc names " + m.Address},
		{"framed by the author", m.framed(), intake.WhyNoCommand, "its parts are as the author divided them", badFraming},
		{"nothing more", m.msg.Undone == "", intake.WhyTextBelow, "no text below the command may change it",
			"there is more text below the command that may change it"},
		{"command", m.msg.Decision != nil, intake.WhyNoCommand, "the first line of the new text is one command",
			"the first line of the new text is not a command, or there is doubt"},
	}
}

// holding returns the conditions for a request and the code given out for it: that one waits for a decision, and the
// other is for it as it is now. The first that is not met is the one that is answered.
func (m *reviewerMail) holding(req *intake.Request, given *intake.Review) []condition {
	is := req.Ref + " is " + string(req.State)
	days := fmt.Sprintf("codes are valid for %d days", int(m.Policy.CodesLast.Hours()/24))
	return []condition{
		{"undecided", req.State == intake.Pending || req.State == intake.NeedsInfo, intake.WhyDecided, is, is},
		{"code holds", given.VoidAt.IsZero() && given.Purpose != intake.ToRevoke && given.Digest == req.Digest, intake.WhySuperseded,
			"the code is for " + req.Ref + " as it is now", "the code is for " + req.Ref + " as it was before it changed"},
		{"waiting for reviewers", req.State == intake.Pending, intake.WhyNotNow,
			req.Ref + " is waiting for a decision", "the site has been asked a question and has not answered"},
		{"code in time", m.Now.Sub(given.CreatedAt) < m.Policy.CodesLast, intake.WhyExpired, days, days},
	}
}

// secondThoughts returns the code with which a ruling is carried out: where the one that was given has approved already,
// and the other approvals are not in, a new one that takes the approval back. usable is false if it was used for good.
func (m *reviewerMail) secondThoughts(
	ctx context.Context, req *intake.Request, given *intake.Review, r review.Ruling,
) (code *intake.Review, usable bool, err error) {
	if given.DecidedAt.IsZero() {
		return given, true, nil
	}
	if given.Decision != intake.EventApprove || r.On == intake.EventApprove {
		return given, false, nil
	}
	code, err = m.out.NewCode(ctx, m.Work, req, m.sender, intake.ToDecide)
	return code, true, err
}

// fromItsReviewer handles the message of the reviewer to whom the code was given.
func (m *reviewerMail) fromItsReviewer(ctx context.Context, req *intake.Request, given *intake.Review) (intake.Conclusion, error) {
	for _, c := range m.conditions(req) {
		if !m.either(c.name, c.met, c.yes, c.no) {
			return m.noDecision(ctx, req, c.why)
		}
	}
	d := m.msg.Decision
	if d.Verb == "revoke" {
		return m.revokeByMail(ctx, req, given)
	}
	for _, c := range m.holding(req, given) {
		if m.either(c.name, c.met, c.yes, c.no) {
			continue
		}
		// What holding returns.
		//exhaustive:ignore
		switch c.why {
		case intake.WhySuperseded:
			return m.noDecision(ctx, req, c.why)
		case intake.WhyExpired:
			return m.expired(ctx, req, given)
		default:
			return m.tooLate(ctx, req)
		}
	}
	r, why := review.ReadRuling(m.Policy, d, m.Now)
	if why != "" {
		m.check("complete", false, "the command cannot be carried out: %s", why)
		return m.noDecision(ctx, req, why)
	}
	given, usable, err := m.secondThoughts(ctx, req, given, r)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if !usable {
		m.check("code unused", false, "it was used on %s", m.Moment(given.DecidedAt))
		return m.noDecision(ctx, req, intake.WhyNotNow)
	}
	if given.Purpose != intake.ToConfirm && !m.meantForUs() {
		return confirmation{m.Inbox, m.message}.askReviewer(ctx, m.sender, req)
	}
	return m.decide(ctx, req, given, r)
}

// decide carries out a ruling that was given with a code. One that confirms is used up, and another stands for it.
func (m *reviewerMail) decide(
	ctx context.Context, req *intake.Request, given *intake.Review, r review.Ruling,
) (intake.Conclusion, error) {
	if given.Purpose == intake.ToConfirm {
		if err := m.VoidReview(ctx, given.ID, m.Now); err != nil {
			return intake.Conclusion{}, err
		}
		var err error
		if given, err = m.out.NewCode(ctx, m.Work, req, m.sender, intake.ToDecide); err != nil {
			return intake.Conclusion{}, err
		}
	}
	err := m.panel.Decide(ctx, m.Tx, review.Decision{Request: req, By: m.sender, Code: given, Ruling: r,
		AnswersTo: m.msg.MessageID})
	var no *review.Refusal
	switch {
	case errors.As(err, &no):
		m.check("possible", false, "%s", no.Words)
		return m.impossible(ctx, req, no)
	case errors.Is(err, intake.ErrNotNow):
		m.check("possible", false, "%v", err)
		return m.noDecision(ctx, req, intake.WhyNotNow)
	}
	return intake.Conclusion{Outcome: intake.OutcomeDecision, Ref: req.Ref, Folder: intake.Processed}, err
}

// revokeByMail ends an exception, with the code that came with the news of its approval.
func (m *reviewerMail) revokeByMail(ctx context.Context, req *intake.Request, review *intake.Review) (intake.Conclusion, error) {
	if !m.either("code is to revoke", review.Purpose != intake.ToDecide, "the code came with the news of an approval",
		"the code came with a review email, but REVOKE needs the one from the news of an approval") {
		return m.noDecision(ctx, req, intake.WhyNotNow)
	}
	e, err := m.Exception(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if state := e.StateAt(m.Now); !m.check("active", state == intake.Active, "the exception is %s", state) {
		return m.overAlready(ctx, req, e)
	}
	if !m.either("code holds", review.VoidAt.IsZero() && review.DecidedAt.IsZero(),
		"the code has not been used", "the code is void") {
		return m.noDecision(ctx, req, intake.WhyNotNow)
	}
	reason := intake.BeforeCode(m.msg.Decision.Text)
	if !m.either("reason", reason != "", "a reason follows the command", "no reason follows the command") {
		return m.noDecision(ctx, req, intake.WhyNoReason)
	}
	if review.Purpose == intake.ToRevoke && !m.meantForUs() {
		return confirmation{m.Inbox, m.message}.askReviewer(ctx, m.sender, req)
	}
	if err := m.Decide(ctx, review.ID, intake.EventRevoke, reason, m.Now); err != nil {
		return intake.Conclusion{}, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeDecision, Ref: req.Ref, Folder: intake.Processed},
		m.panel.Revoke(ctx, m.Tx, e, "", reason, m.sender.Name)
}
