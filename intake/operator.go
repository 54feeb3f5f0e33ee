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
func (in *Intake) moment(t time.Time) string {
	return t.In(in.Policy.Zone).Format("2 January 2006, 15:04 MST")
}

// DecideByHand decides as a reviewer would by email, for the day when email
// cannot: verb is approve, reject or info. It returns the request as it is then.
func (in *Intake) DecideByHand(ctx context.Context, ref, verb, text, as string) (*Request, error) {
	by, ok := in.Reviewers.ByAddress(as)
	if !ok {
		return nil, fmt.Errorf("%q is no reviewer: expected the address of a [[reviewer]] of the configuration", as)
	}
	if verbs[verb] == "" {
		return nil, fmt.Errorf("%q is no decision: expected approve, reject or info", verb)
	}
	d := &parser.Decision{Verb: verb, Text: strings.TrimSpace(text)}
	if m := untilForm.FindStringSubmatch(d.Text); m != nil && verb == "approve" {
		d.Until = m[1]
	} else if verb == "approve" && d.Text != "" {
		return nil, fmt.Errorf("approve takes no text but UNTIL and a day, such as: approve \"UNTIL 2027-03-01\"")
	}
	var req *Request
	err := in.store.Update(ctx, func(tx Tx) error {
		now := in.now()
		r, why := in.ruleOn(d, now)
		switch why {
		case WhyNoReason:
			return errors.New("reject needs a reason, which the site is told")
		case WhyNoQuestion:
			return errors.New("info needs a question to the site")
		case WhyBadUntil:
			return fmt.Errorf("UNTIL needs a day from today to %s", now.Add(in.Policy.LongTerm.Duration).In(in.Policy.Zone).Format(time.DateOnly))
		case "":
		default:
			return fmt.Errorf("this cannot be decided: %s", why)
		}
		var err error
		if req, err = tx.Request(ctx, ref); err != nil {
			return err
		}
		site, _ := in.sites().ByCode(req.SiteCode)
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
		review, err := in.reviewByHand(ctx, tx, now, req, by)
		if err != nil {
			return err
		}
		if err := in.decide(ctx, tx, now, req, by, review, r, ""); errors.Is(err, ErrNotNow) {
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
func (in *Intake) reviewByHand(ctx context.Context, tx Tx, now time.Time, req *Request, by Reviewer) (*ReviewRecord, error) {
	return in.newCode(ctx, tx, now, req, by, ToDecide)
}

// RevokeByHand ends an exception now, and returns it as it was.
func (in *Intake) RevokeByHand(ctx context.Context, ref, reason, as string) (*Exception, error) {
	var e *Exception
	err := in.store.Update(ctx, func(tx Tx) error {
		now := in.now()
		var err error
		if e, err = tx.Exception(ctx, ref); err != nil {
			return err
		}
		if state := e.StateAt(now); state != Active {
			return fmt.Errorf("%s is %s already: %w", ref, state, ErrNotNow)
		}
		return in.revoke(ctx, tx, now, e, "", reason, as)
	})
	return e, err
}
