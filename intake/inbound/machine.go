// Package inbound takes in messages: it reads each one, proves its sender, routes it, and does what sites,
// reviewers, machines and strangers ask for. Every message ends with one outcome on record.
package inbound

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/parser"
)

// answeredWithin is how old a letter may be when an automatic reply answers it: either can take days to
// arrive.
const answeredWithin = 5 * 24 * time.Hour

// absent records a reviewer's automatic reply that says they are away. The reply is not a decision and gets
// no answer, but from then on the deputy is asked and may decide. So a forged one must do nothing: the sender
// must be proven, and the proof must cover every field that is read, or the deputy could turn what the
// reviewer wrote to them by hand into an automatic reply. It must be addressed to us, and answer a letter
// that we sent to the reviewer recently and after their last absence. It begins at most one absence a day.
func (m *reviewerMail) absent(ctx context.Context) error {
	if !m.msg.Away ||
		!m.check("absence proven", m.verdict.Authentic, "the sender of this automatic reply is %s", m.from()) {
		return nil
	}
	if !m.either("absence in a mailbox of ours", !m.SitesCanWrite(m.Mailbox), "no site can write to the mailbox it came into",
		"it came into a site's own mailbox, to which people there can write") {
		return nil
	}
	uncovered := cmp.Or(strings.Join(m.verdict.Uncovered, ", "), "none")
	if !m.check("absence covered", len(m.verdict.Uncovered) == 0,
		"fields of this automatic reply that the proof does not cover: %s", uncovered) ||
		!m.check("absence is for us", m.addressed(), "this automatic reply is to %s",
			strings.Join(slices.Concat(m.msg.To, m.msg.Cc), ", ")) {
		return nil
	}
	written, err := m.lastAnswered(ctx)
	if err != nil || !m.check("absence of now", m.Now.Sub(written) < answeredWithin,
		"it answers a letter of ours to %s of %s", m.sender.Address, orNever(m.Service, written)) {
		return err
	}
	all, err := m.Absences(ctx)
	if err != nil {
		return err
	}
	a := intake.Absence{Reviewer: m.sender.Address, Since: m.Now, Until: m.Now.Add(m.Policy.Review.AbsenceLasts)}
	if i := slices.IndexFunc(all, func(o intake.Absence) bool { return o.Reviewer == m.sender.Address }); i >= 0 {
		last := all[i]
		switch {
		case last.At(m.Now) && last.ByHand:
			return nil
		case last.At(m.Now):
			a.Since, a.Deputy = last.Since, last.Deputy
			return m.SetAbsence(ctx, a) // which makes it longer
		case !m.check("absence is news", !written.Before(last.Over()),
			"the letter that it answers was written before %s came back on %s", m.sender.Address, m.Moment(last.Over())):
			return nil
		}
	}
	err = m.Spend(ctx, review.AbsenceADay(m.sender), m.Now)
	if errors.Is(err, intake.ErrSpent) {
		m.check("one absence a day", false, "another began today")
		return nil
	}
	if err != nil {
		return err
	}
	return m.panel.BeginAbsence(ctx, m.Tx, a, m.sender.Address, "an automatic reply says so")
}

// orNever formats the time of a letter or signature, or says that there is none.
func orNever(s *intake.Service, t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return s.Moment(t)
}

// lastAnswered returns when we wrote the newest letter to the reviewer that the message answers, or whose
// code it contains; zero if there is none.
func (m *reviewerMail) lastAnswered(ctx context.Context) (newest time.Time, err error) {
	later := func(at time.Time) {
		if at.After(newest) {
			newest = at
		}
	}
	for _, id := range m.answered() {
		o, err := m.out.LetterOf(ctx, m.Work, id)
		if err == nil && o.To == m.sender.Address {
			later(o.CreatedAt)
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return newest, err
		}
	}
	for _, code := range codesIn(m.msg, m.covers) {
		review, err := m.ReviewByCode(ctx, outbox.HashCode(code))
		if err == nil && review.Reviewer == m.sender.Address {
			later(review.CreatedAt)
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return newest, err
		}
	}
	return newest, nil
}

// present records that a reviewer has written by hand, which ends an absence begun by an automatic reply.
func (m *reviewerMail) present(ctx context.Context) error {
	if m.onBehalf(m.sender) {
		return nil
	}
	err := m.EndAbsence(ctx, m.sender.Address, false, m.Now)
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	return m.Record(ctx, intake.HistoryEntry{At: m.Now, Event: intake.EventBack, By: m.sender.Address,
		Text: m.sender.Address + " is back: they wrote to us"})
}

// bounce handles reports that a letter was not delivered. Anybody can write one, so it changes nothing unless it names one
// of our letters by the Message-ID, and each letter counts once. Servers on the way may have written another recipient.
// Nothing is done about a letter that can still arrive.
func (in *Inbox) bounce(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	if !m.msg.Bounce {
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyBounce, Folder: intake.Processed}
	for _, b := range m.msg.Bounced {
		o, err := in.out.LetterOf(ctx, m.Work, b.MessageID)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return c, true, err
		}
		if !m.check("letter known", err == nil, "it is about a letter with the Message-ID %q, and names %s", b.MessageID,
			cmp.Or(b.Recipient, "nobody")) ||
			!m.check("refused for good", b.Permanent, "the status is %s", cmp.Or(b.Status, "not given")) {
			continue
		}
		c.Ref = strings.Join(o.Refs(), ",")
		if err := cameBack(ctx, in, m, o, b); err != nil {
			return c, true, err
		}
	}
	return c, true, nil
}

// cameBack deals with a letter that a report says was refused for good. That the operator refused what is to another, as they get it
// in a trial, is not held against that other.
func cameBack(ctx context.Context, in *Inbox, m *message, o *intake.Outbound, b parser.Bounced) error {
	f := outbox.Failure{Kind: intake.AlertBounce, Headline: "An email of ours was not delivered",
		Refused: o.To == in.Operator || intake.Canonical(b.Recipient) != intake.Canonical(in.Operator), Status: outbox.Status(b.Status)}
	f.Cause = "Status: " + cmp.Or(f.Status, "not given")
	said := intake.NewReply(intake.Reported, 0, b.Said)
	said.Status = cmp.Or(f.Status, said.Status)
	if said.Blame() == intake.BlameUs {
		return refusedUs(ctx, in, m, o, f)
	}
	var next review.Next
	if o.Facts.Audience == intake.ToReviewer && isMailbox(b.Recipient, o.To) && m.Now.Sub(o.CreatedAt) < answeredWithin &&
		!in.SitesCanWrite(m.Mailbox) { // else somebody may have kept a copy
		var err error
		next, err = review.AfterRefusal(ctx, in.panel, m.Tx, review.Refused{Letter: o, Status: f.Status,
			Sure: fromOurServers(in, m, o)})
		if err != nil {
			return err
		}
	}
	f.Instead = cmp.Or(next.Words, f.Instead)
	if err := in.out.Undelivered(ctx, m.Work, o, f); err != nil {
		return err
	}
	return next.Do(ctx)
}

// refusedUs deals with a letter that came back since a server refused us: nothing is held against its recipient. Each
// letter is dealt with once a day. Where a server of ours or of the recipient's says so, it is sent again: some take
// letters and return them later, as Exchange does at the end of a day's limit.
func refusedUs(ctx context.Context, in *Inbox, m *message, o *intake.Outbound, f outbox.Failure) error {
	first, err := m.within(ctx, "refused as sender:"+o.MessageID, 1, "the operator was told of this letter today")
	if err != nil || !first {
		return err
	}
	f.Refused = o.To == in.Operator // whom it has not reached, whoever is at fault
	f.Instead = "The server refused us, and not the recipient: see what we may send. " + outbox.HowToResend(o)
	if m.Now.Sub(o.CreatedAt) < sendAgainFor && fromOurServers(in, m, o) {
		due := m.Now.Add(sendAgain.Delay(o.Attempts, 0))
		if _, err := m.SendAgain(ctx, o.ID, due); err != nil && !errors.Is(err, intake.ErrStale) { // else it is in the queue
			return err
		}
		f.Refused = false
		f.Instead = "The server refused us, and not the recipient: see what we may send. It is sent again at " + in.Moment(due) + "."
	}
	return in.out.Undelivered(ctx, m.Work, o, f)
}

// sendAgain spaces the attempts at a letter that comes back since we are refused, for sendAgainFor.
var sendAgain = intake.Backoff{First: time.Hour, Longest: 24 * time.Hour}

const sendAgainFor = 14 * 24 * time.Hour

// isMailbox reports whether the recipient that a report names can be a mailbox by another name: the same in another domain,
// through which servers route it, or its place in a directory, as Exchange writes it. Any other is whoever mail is
// forwarded to, and says nothing of the mailbox.
func isMailbox(recipient, address string) bool {
	named, domain, isAddress := strings.Cut(intake.Canonical(recipient), "@")
	local, _, _ := strings.Cut(address, "@")
	return !isAddress || named == local || strings.HasPrefix(named, "imceaex-") && domain != ""
}

// fromOurServers reports whether a delivery report is known to be of a server of ours or of the recipient's: its author is
// one that only servers have, and either proven, and of our domain or the recipient's, or it has come by no server but ours.
func fromOurServers(in *Inbox, m *message, o *intake.Outbound) bool {
	from := intake.Canonical(m.msg.From)
	local, domain, _ := strings.Cut(from, "@")
	server := local == "mailer-daemon" || local == "postmaster" || strings.HasPrefix(local, "microsoftexchange")
	ours := intake.DomainOf(in.Address)
	proven := m.verdict.Authentic && len(m.verdict.Uncovered) == 0 && (domain == ours || domain == intake.DomainOf(o.To))
	return m.check("report of our servers", server && (proven || !m.msg.HeaderCut && wasNeverOutside(m.msg.Header, ours)),
		"it is from %s; by itself it counts if that is a server proven to be ours or theirs, or if it came by ours only",
		cmp.Or(from, "nobody"))
}

// wasNeverOutside reports whether a message came by servers of a domain only. A server that takes a message adds a
// Received field on top, and says there what the name of the other side is by its address: (name [address]) after the
// one that the other side chose (RFC 5321, section 4.4). What it adds to the address says that the name is not certain: Sendmail
// writes (name [address] (may be forged)) where the name does not lead back there. One that made the message itself names no
// other side.
func wasNeverOutside(header []parser.Field, domain string) bool {
	return !slices.ContainsFunc(header, func(f parser.Field) bool {
		if !strings.EqualFold(f.Name, "Received") {
			return false
		}
		words := strings.Fields(strings.ToLower(f.Value))
		if len(words) == 0 || words[0] != "from" {
			return false
		}
		if len(words) < 4 || !strings.HasPrefix(words[2], "(") || !strings.HasPrefix(words[3], "[") ||
			!strings.HasSuffix(words[3], "])") || strings.Count(strings.Join(words[2:], ""), "[") > 1 {
			// what the other side chose may look like the rest
			return true
		}
		name := strings.TrimSuffix(words[2][1:], ".")
		return name != domain && !strings.HasSuffix(name, "."+domain)
	})
}
