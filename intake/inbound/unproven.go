package inbound

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// unproven is mail whose author is not proven. It waits for the operator, and is
// never answered.
func (in *Inbox) unproven(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	t.inbound.Checks = append(t.inbound.Checks, t.verdict.Checks...)
	if len(t.verdict.Uncovered) > 0 {
		t.check("covered", true, "the proof of the sender says nothing of %s: what stands there is not relied on", strings.Join(t.verdict.Uncovered, ", "))
	}
	var reason intake.Why
	switch {
	case t.from() == "":
		reason = intake.WhyUnclearSender
	case !t.verdict.Authentic:
		reason = intake.WhyUnauthenticated
	default:
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: reason, Folder: intake.Quarantine}
	what, ref, code, err := in.attempt(ctx, t)
	if err != nil {
		return c, true, err
	}
	if what == "" {
		kind, headline := reason.Alert(), "A message was set aside"
		if in.Registered(t.from()) { // not to be missed for the sake of strangers
			kind, headline = intake.AlertRegistered, "A message in the name of a registered address was set aside"
		}
		return c, true, in.out.Alert(ctx, t.Work, kind, headline, asideLines(t.inbound, reason, nil)...)
	}
	t.check("attempt", false, "an author who is not proven wrote %s", what)
	kind := intake.AlertAttempt
	if code != 0 { // of which nothing may distract
		kind = kind.Of("code", code)
	}
	return c, true, in.securityEvent(ctx, t, intake.HistoryEntry{Ref: ref, Event: intake.EventAttempt, Text: what}, kind,
		"Somebody who is not proven wrote as a reviewer, or with a reviewer's code",
		append([]string{"What: " + what, "Reference: " + cmp.Or(ref, "none")}, asideLines(t.inbound, reason, nil)...)...)
}

// attempt says whether a message whose sender is not proven tries to decide: it
// names a reviewer as its author, or brings a review code. ref is the request of the
// code, which is numbered; empty and 0 where there is none.
func (in *Inbox) attempt(ctx context.Context, t *message) (what, ref string, code int64, err error) {
	var tried []string
	if sender, known := in.Reviewers.ByAddress(t.from()); known {
		tried = append(tried, "in the name of the reviewer "+sender.Address)
	}
	for _, token := range codesIn(t.msg, func(string) bool { return true }) {
		review, err := t.ReviewByCode(ctx, outbox.HashCode(token))
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", "", 0, err
		}
		ref, code = review.Ref, review.ID
		tried = append(tried, "with the review code of "+review.Reviewer)
		break
	}
	return strings.Join(tried, ", "), ref, code, nil
}

// securityEvent puts on record what may be an attack: of e its event, reference and text
// are given. It tells the operator of the kind, once an hour, and whoever wrote nothing.
func (in *Inbox) securityEvent(ctx context.Context, t *message, e intake.HistoryEntry, kind intake.AlertKind, headline string, lines ...string) error {
	e.At, e.By = t.Now, t.from()
	if err := t.Record(ctx, e); err != nil {
		return err
	}
	return in.out.Alert(ctx, t.Work, kind, headline, lines...)
}
