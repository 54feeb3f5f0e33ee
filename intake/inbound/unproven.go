package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// unproven quarantines mail whose author is not proven. It waits for the operator, and is never answered.
func (in *Inbox) unproven(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	m.inbound.Checks = append(m.inbound.Checks, m.verdict.Checks...)
	if len(m.verdict.Uncovered) > 0 {
		m.check("covered", true, "the proof of the sender does not cover %s, so these are not relied on",
			strings.Join(m.verdict.Uncovered, ", "))
	}
	if len(m.verdict.Missing) > 0 {
		m.check("not there", true, "the proof does not cover that there is no %s, so that is not relied on",
			strings.Join(m.verdict.Missing, ", "))
	}
	var reason intake.Why
	switch {
	case m.from() == "":
		reason = intake.WhyUnclearSender
	case !m.verdict.Authentic:
		reason = intake.WhyUnauthenticated
	case m.stale(in.Service):
		c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyOld, nil)
		return c, true, err
	default:
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: reason, Folder: intake.Quarantine}
	if err := tellOfUs(ctx, in, m); err != nil {
		return c, true, err
	}
	what, ref, code, err := in.attempt(ctx, m)
	if err != nil {
		return c, true, err
	}
	if what == "" {
		kind, headline := reason.Alert(), "A message was set aside"
		if in.Registered(m.from()) { // strangers' mail must not hide these
			kind, headline = intake.AlertRegistered, "A message in the name of a registered address was set aside"
		}
		return c, true, in.out.Alert(ctx, m.Work, kind, aboutAuthor(in, m.inbound).Do(asideTodo(in, m.inbound, reason)...), headline,
			asideLines(in, m.inbound, reason, nil)...)
	}
	m.check("attempt", false, "an unproven author wrote %s", what)
	kind := intake.AlertAttempt
	if code != 0 { // no other alert may suppress this one
		kind = kind.Of("code", code)
	}
	return c, true, in.securityEvent(ctx, m, intake.HistoryEntry{Ref: ref, Event: intake.EventAttempt, Text: what}, kind,
		attemptTodo(in, m.inbound, reason), "Somebody who is not proven wrote as a reviewer, or with a reviewer's code",
		append([]string{"What: " + what, "Reference: " + cmp.Or(ref, "none")}, asideLines(in, m.inbound, reason, nil)...)...)
}

// tellOfUs notes what a message in the name of somebody registered says about our own side, where it is not proven: whoever forges
// it comes by a server that has something to say about that, and knows no letter that we sent to them.
func tellOfUs(ctx context.Context, in *Inbox, m *message) error {
	if m.verdict.Authentic || !in.Registered(m.from()) {
		return nil
	}
	if m.verdict.Silent {
		m.check(intake.CheckSilence, false, "no server whose word is taken here has said anything about its sender")
	}
	ids := slices.Concat(m.msg.InReplyTo, backwards(m.msg.References))
	if len(ids) == 0 {
		return nil
	}
	o, err := m.OutboundByMessageID(ctx, ids[0])
	if errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	if err == nil && intake.Canonical(o.To) == m.from() {
		m.check(intake.CheckAnswers, true, "it answers a letter of ours that went to this address: it may well be genuine")
	}
	return err
}

// attemptTodo is asideTodo for what may be a reviewer's: nobody can vouch for that.
func attemptTodo(in *Inbox, m *intake.Inbound, reason intake.Why) []string {
	todo := asideTodo(in, m, reason)
	todo[len(todo)-1] = "Nobody can vouch for a reviewer. If you have asked them by another way and they did write it, " +
		"record what they " +
		"decided: mfabot decide REF approve|reject|info [TEXT] --as ADDRESS"
	return todo
}

// stale reports whether only a signature proves the message and it was made longer ago than a proof lasts, or on no
// day that is known: whoever was sent the message can have kept it. A proof of this delivery has no age. The
// operator has it read again all the same. What is imported was kept in the mailbox, to which nobody but the server
// writes unless it is a site's.
func (m *message) stale(s *intake.Service) bool {
	if !m.verdict.BySignature || m.again {
		return false
	}
	signed, lasts, at := m.verdict.SignedAt, s.Policy.ProofLasts, m.Now
	if m.Imported && !m.came(s).IsZero() && !s.SitesCanWrite(m.Mailbox) {
		at = m.came(s)
	}
	return !m.check("signed lately", at.Sub(signed).Abs() <= lasts, "it was signed at %s; a proof lasts %d hours",
		orNever(s, signed), int(lasts.Hours()))
}

// attempt describes how a message from an unproven sender tries to decide: it names a reviewer as its author,
// or contains a review code. what is empty if it does not. ref is the code's request, and code the ID of its
// review; empty and 0 without a code.
func (in *Inbox) attempt(ctx context.Context, m *message) (what, ref string, code int64, err error) {
	var tried []string
	if sender, ok := in.Reviewers.ByAddress(m.from()); ok {
		tried = append(tried, "in the name of the reviewer "+sender.Address)
	}
	for _, c := range codesIn(m.msg, func(string) bool { return true }) {
		what, ref, code, err = in.codeOf(ctx, m, c)
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", "", 0, err
		}
		tried = append(tried, what)
		break
	}
	return strings.Join(tried, ", "), ref, code, nil
}

// codeOf describes whose code this is, or returns ErrNotFound. id is the ID of its review, or less than 0 for a to-do's.
func (in *Inbox) codeOf(ctx context.Context, m *message, code string) (what, ref string, id int64, err error) {
	hash := outbox.HashCode(code)
	review, err := m.ReviewByCode(ctx, hash)
	if errors.Is(err, intake.ErrNotFound) {
		var together []intake.Review
		if together, err = m.ReviewsTogether(ctx, hash); err == nil && len(together) == 0 {
			todo, _, err := outbox.TodoByCode(ctx, in.out, m.Work, code)
			if err != nil {
				return "", "", 0, err
			}
			return fmt.Sprintf("with the code of to-do %d", todo.ID), todo.Ref, -todo.ID, nil
		}
		if len(together) > 0 {
			review = &together[0]
		}
	}
	if err != nil {
		return "", "", 0, err
	}
	return "with the review code of " + review.Reviewer, review.Ref, review.ID, nil
}

// securityEvent records what may be an attack: e has the event, the reference and the text. It alerts the
// operator, once an hour for each kind, and does not answer whoever wrote.
func (in *Inbox) securityEvent(ctx context.Context, m *message, e intake.HistoryEntry, kind intake.AlertKind,
	todo []string, headline string, lines ...string) error {
	e.At, e.By = m.Now, m.from()
	if err := m.Record(ctx, e); err != nil {
		return err
	}
	var about outbox.Cause
	req, err := m.Request(ctx, e.Ref)
	if err != nil && !errors.Is(err, intake.ErrNotFound) {
		return err
	}
	if err == nil {
		about = outbox.About(in.Service, req.User, req.SiteCode)
	}
	return in.out.Alert(ctx, m.Work, kind, about.Do(todo...), headline, lines...)
}
