package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/parser"
)

// ByHand is a decision that a reviewer has told the operator.
type ByHand struct {
	Ref  string
	Verb string // approve, reject or info
	Text string // the day, reason or question
	As   string // the reviewer's address
	User string // the address of the user whom it is about; empty where that is not said
}

// DecideByHand records a reviewer's decision, for the day when email does not work. It returns the request as it is
// afterwards. By email the code says what was decided on. Here it is the user's address: without it nothing is approved
// whose user has been put right, since whoever looked before that saw another.
func (d *Desk) DecideByHand(ctx context.Context, h ByHand) (*intake.Request, error) {
	by, ok := d.Reviewers.ByAddress(h.As)
	if !ok {
		return nil, d.Reviewers.NotReviewer(h.As)
	}
	if _, ok := review.ByVerb(h.Verb); !ok {
		return nil, intake.Miswrittenf("%q is not a decision: expected approve, reject or info", h.Verb)
	}
	if h.User != "" && !intake.IsAddress(h.User) {
		return nil, intake.NotAnAddress(h.User)
	}
	said := &parser.Decision{Verb: h.Verb, Text: strings.TrimSpace(h.Text)}
	if day := review.UntilDay(said.Text); day != "" && h.Verb == "approve" {
		said.Until = day
	} else if h.Verb == "approve" && said.Text != "" {
		return nil, intake.Miswritten("approve takes no text except UNTIL and a day, such as: approve \"UNTIL 2027-03-01\"")
	}
	var req *intake.Request
	decide := func(tx Tx) (err error) {
		req, err = d.decideIn(ctx, tx, by, said, h)
		return err
	}
	err := d.panel.Users.Asking(ctx, func() error { return d.update(ctx, decide) })
	return req, err
}

// decideIn is DecideByHand in a transaction.
func (d *Desk) decideIn(ctx context.Context, tx Tx, by intake.Reviewer, said *parser.Decision, h ByHand) (*intake.Request, error) {
	r, err := d.ruling(said, tx.Now)
	if err != nil {
		return nil, err
	}
	req, err := tx.Request(ctx, h.Ref)
	if err != nil {
		return nil, err
	}
	if err := d.isFor(ctx, tx, req, h); err != nil {
		return nil, err
	}
	reviews, err := tx.Reviews(ctx, h.Ref)
	if err == nil {
		err = d.mayDecide(by, req, reviews, h.Verb)
	}
	if err != nil {
		return nil, err
	}
	// Nobody is sent this code: it makes a decision by hand look the same on record as one by email.
	code, err := d.out.NewCode(ctx, tx.Work, req, by, intake.ToDecide)
	if err != nil {
		return nil, err
	}
	err = d.panel.Decide(ctx, tx.Tx, review.Decision{Request: req, By: by, Code: code, Ruling: r})
	if errors.Is(err, intake.ErrNotNow) {
		err = fmt.Errorf("%s is %s: %w%s", h.Ref, req.State, err, d.instead(req, reviews))
	}
	return req, err
}

// ruling reads what a reviewer decided.
func (d *Desk) ruling(said *parser.Decision, now time.Time) (review.Ruling, error) {
	r, why := review.ReadRuling(d.Policy, said, now)
	// The cases that need a sentence of their own; the reason's name says the rest.
	//exhaustive:ignore
	switch why {
	case intake.WhyNoReason:
		return r, intake.Miswritten("reject needs a reason: the site is told it")
	case intake.WhyNoQuestion:
		return r, intake.Miswritten("info needs a question for the site")
	case intake.WhyBadUntil:
		return r, intake.Miswrittenf("UNTIL needs a day from today to %s",
			now.Add(d.Policy.LongTerm.Duration).In(d.Policy.Zone).Format(time.DateOnly))
	case "":
		return r, nil
	}
	return r, fmt.Errorf("this cannot be decided: %s", why)
}

// isFor returns an error unless a decision is about the user whom the request is for now. One that was put right is
// approved only for the address that the operator gives.
func (d *Desk) isFor(ctx context.Context, tx Tx, req *intake.Request, h ByHand) error {
	if h.User != "" {
		if intake.Canonical(h.User) == req.User.Email {
			return nil
		}
		return fmt.Errorf("nothing was decided: %s is for %s, and not for %s", req.Ref, cmp.Or(req.User.Email, "nobody yet"), h.User)
	}
	if h.Verb != "approve" {
		return nil
	}
	history, err := tx.History(ctx, req.Ref)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(history) {
		if e.Event == intake.EventCorrect {
			return fmt.Errorf("nothing was decided: %s is for %s since %s, when it was put right: the user or the reason was another "+
				"before; if the reviewer approves it as it is now, say for whom: --user %s", req.Ref, req.User.Email,
				d.Moment(e.At), req.User.Email)
		}
	}
	return nil
}

// mayDecide returns an error if a reviewer may not decide on a request by hand, or it waits for its site.
func (d *Desk) mayDecide(by intake.Reviewer, req *intake.Request, reviews []intake.Review, verb string) error {
	switch {
	case d.Barred(by, req):
		return fmt.Errorf("%s must not decide on %s: it is for them, by them or from their own site", by.Address, req.Ref)
	case req.State == intake.Incomplete && verb != "reject":
		return fmt.Errorf("%s is incomplete: it waits for its site, which has not said all that a request needs yet; "+
			"nothing was changed\nonly reject is possible now", req.Ref)
	case by.Standby && !intake.WasAsked(by, reviews):
		return fmt.Errorf("%s is only a deputy, and was not asked to decide on %s", by.Address, req.Ref)
	}
	return nil
}

// instead is a line on what can be done with a request on which this decision is not possible.
func (d *Desk) instead(req *intake.Request, reviews []intake.Review) string {
	// The others can be decided on.
	//exhaustive:ignore
	switch req.State {
	case intake.NeedsInfo:
		return "\nits site was asked a question and has not answered yet: only reject is possible now"
	case intake.Rejected:
		return "\nits site can ask again, by answering the rejection with evidence"
	case intake.Withdrawn, intake.Lapsed:
		return "\nits site can ask anew"
	case intake.Approved:
		by := ""
		for _, r := range reviews {
			if r.Decision == intake.EventApprove {
				by = fmt.Sprintf("approved by %s at %s; ", r.Reviewer, d.Moment(r.DecidedAt))
			}
		}
		return "\n" + by + "to end it: mfabot revoke " + req.Ref + " REASON --as NAME"
	}
	return ""
}

// RevokeByHand ends an active exception now. as names the operator. It returns ErrNotNow if the exception is
// over.
func (d *Desk) RevokeByHand(ctx context.Context, ref, reason, as string) (*intake.Exception, error) {
	var e *intake.Exception
	err := d.update(ctx, func(tx Tx) error {
		var err error
		if e, err = tx.Exception(ctx, ref); err != nil {
			return err
		}
		if state := e.StateAt(tx.Now); state != intake.Active {
			return fmt.Errorf("%s is already %s: %w", ref, state, intake.ErrNotNow)
		}
		return d.panel.Revoke(ctx, tx.Tx, e, "", reason, as)
	})
	return e, err
}
