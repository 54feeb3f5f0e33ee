package inbound

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// unproven quarantines mail whose author is not proven. It waits for the operator, and is never answered.
func (in *Inbox) unproven(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	t.inbound.Checks = append(t.inbound.Checks, t.verdict.Checks...)
	if len(t.verdict.Uncovered) > 0 {
		t.check("covered", true, "the proof of the sender does not cover %s, so these are not relied on",
			strings.Join(t.verdict.Uncovered, ", "))
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
		if in.Registered(t.from()) { // strangers' mail must not hide these
			kind, headline = intake.AlertRegistered, "A message in the name of a registered address was set aside"
		}
		return c, true, in.out.Alert(ctx, t.Work, kind, headline, asideLines(t.inbound, reason, nil)...)
	}
	t.check("attempt", false, "an unproven author wrote %s", what)
	kind := intake.AlertAttempt
	if code != 0 { // no other alert may suppress this one
		kind = kind.Of("code", code)
	}
	return c, true, in.securityEvent(ctx, t, intake.HistoryEntry{Ref: ref, Event: intake.EventAttempt, Text: what}, kind,
		"Somebody who is not proven wrote as a reviewer, or with a reviewer's code",
		append([]string{"What: " + what, "Reference: " + cmp.Or(ref, "none")}, asideLines(t.inbound, reason, nil)...)...)
}

// attempt describes how a message from an unproven sender tries to decide: it names a reviewer as its author,
// or contains a review code. what is empty if it does not. ref is the code's request, and code the ID of its
// review; empty and 0 without a code.
func (in *Inbox) attempt(ctx context.Context, t *message) (what, ref string, code int64, err error) {
	var tried []string
	if sender, ok := in.Reviewers.ByAddress(t.from()); ok {
		tried = append(tried, "in the name of the reviewer "+sender.Address)
	}
	for _, c := range codesIn(t.msg, func(string) bool { return true }) {
		review, err := t.ReviewByCode(ctx, outbox.HashCode(c))
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

// securityEvent records what may be an attack: e has the event, the reference and the text. It alerts the
// operator, once an hour for each kind, and does not answer whoever wrote.
func (in *Inbox) securityEvent(ctx context.Context, t *message, e intake.HistoryEntry, kind intake.AlertKind,
	headline string, lines ...string) error {
	e.At, e.By = t.Now, t.from()
	if err := t.Record(ctx, e); err != nil {
		return err
	}
	return in.out.Alert(ctx, t.Work, kind, headline, lines...)
}
