package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"mfabot/parser"
)

// moment shows a time to an operator.
func (s *Service) moment(t time.Time) string {
	return t.In(s.Policy.Zone).Format("2 January 2006, 15:04 MST")
}

// DecideByHand decides as a reviewer would by email, for the day when email
// cannot: verb is approve, reject or info. It returns the request as it is then.
func (d *Desk) DecideByHand(ctx context.Context, ref, verb, text, as string) (*Request, error) {
	by, ok := d.Reviewers.ByAddress(as)
	if !ok {
		return nil, fmt.Errorf("%q is no reviewer: expected the address of a [[reviewer]] of the configuration", as)
	}
	if verbs[verb] == "" {
		return nil, fmt.Errorf("%q is no decision: expected approve, reject or info", verb)
	}
	said := &parser.Decision{Verb: verb, Text: strings.TrimSpace(text)}
	if m := untilForm.FindStringSubmatch(said.Text); m != nil && verb == "approve" {
		said.Until = m[1]
	} else if verb == "approve" && said.Text != "" {
		return nil, fmt.Errorf("approve takes no text but UNTIL and a day, such as: approve \"UNTIL 2027-03-01\"")
	}
	var req *Request
	err := d.update(ctx, func(tx DeskTx) error {

		r, why := d.panel.ruleOn(said, tx.Now)
		switch why {
		case WhyNoReason:
			return errors.New("reject needs a reason, which the site is told")
		case WhyNoQuestion:
			return errors.New("info needs a question to the site")
		case WhyBadUntil:
			return fmt.Errorf("UNTIL needs a day from today to %s", tx.Now.Add(d.Policy.LongTerm.Duration).In(d.Policy.Zone).Format(time.DateOnly))
		case "":
		default:
			return fmt.Errorf("this cannot be decided: %s", why)
		}
		var err error
		if req, err = tx.Request(ctx, ref); err != nil {
			return err
		}
		site, _ := d.Sites.Now().ByCode(req.SiteCode)
		if by.Barred(req, site) {
			return fmt.Errorf("%s may not decide on %s: it is for them, or from their own site", by.Address, ref)
		}
		reviews, err := tx.Reviews(ctx, ref)
		if err != nil {
			return err
		}
		if by.Standby && !wasAsked(by, reviews) {
			return fmt.Errorf("%s is a deputy only, and was not asked to decide on %s", by.Address, ref)
		}
		review, err := d.panel.reviewByHand(ctx, tx.ReviewTx, req, by)
		if err != nil {
			return err
		}
		if err := d.panel.decide(ctx, tx.ReviewTx, req, by, review, r, ""); errors.Is(err, ErrNotNow) {
			return fmt.Errorf("%s is %s: %w", ref, req.State, err)
		} else if err != nil {
			return err
		}
		return nil
	})
	return req, err
}

var untilForm = regexp.MustCompile(`(?i)^until ([0-9]{4}-[0-9]{2}-[0-9]{2})$`)

// reviewByHand makes a code that nobody is sent, so that decisions by hand and
// by email are recorded alike.
func (p *Panel) reviewByHand(ctx context.Context, tx ReviewTx, req *Request, by Reviewer) (*ReviewRecord, error) {
	return p.out.newCode(ctx, tx.Work, req, by, ToDecide)
}

// RevokeByHand ends an exception now, and returns it as it was.
func (d *Desk) RevokeByHand(ctx context.Context, ref, reason, as string) (*Exception, error) {
	var e *Exception
	err := d.update(ctx, func(tx DeskTx) error {

		var err error
		if e, err = tx.Exception(ctx, ref); err != nil {
			return err
		}
		if state := e.StateAt(tx.Now); state != Active {
			return fmt.Errorf("%s is %s already: %w", ref, state, ErrNotNow)
		}
		return d.panel.revoke(ctx, tx.ReviewTx, e, "", reason, as)
	})
	return e, err
}
