package inbound

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"mfabot/intake"
)

// rule handles the messages it is meant for. If mine is false, the next rule is tried.
type rule func(ctx context.Context, t *message) (c intake.Conclusion, mine bool, err error)

// handle applies the first rule that is meant for the message. Rules for messages that must never be answered
// come first.
func (in *Inbox) handle(ctx context.Context, m *message) (intake.Conclusion, error) {
	for _, r := range []rule{
		in.duplicate,
		in.unreadable,
		in.ourOwn,
		in.bounce,
		in.automatic,
		func(ctx context.Context, m *message) (intake.Conclusion, bool, error) { return before(ctx, in, m) },
		in.unproven,
		in.tooLarge,
		func(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
			return fromOperator(ctx, in, m)
		},
		func(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
			return userMail{in, m}.inLanguage(ctx)
		},
		in.fromReviewer,
		in.fromSite,
		func(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
			return fromUser(ctx, userMail{in, m})
		},
	} {
		if c, mine, err := r(ctx, m); mine || err != nil {
			return c, err
		}
	}
	return in.fromStranger(ctx, m)
}

// unreadable quarantines what the parser cannot read.
func (in *Inbox) unreadable(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	if m.err == nil {
		m.check("readable", true, "it was read: %s", cmp.Or(strings.Join(m.msg.Warnings, "; "), "nothing odd"))
		return intake.Conclusion{}, false, nil
	}
	first, _, _ := strings.Cut(m.err.Error(), "\n")
	m.check("readable", false, "%s", first)
	c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyUnreadable, m.err)
	return c, true, err
}

// ourOwn ignores our own mail that has come back.
func (in *Inbox) ourOwn(_ context.Context, m *message) (intake.Conclusion, bool, error) {
	own := m.from() == in.Address
	for _, f := range m.msg.Header {
		own = own || (strings.EqualFold(f.Name, "X-Mfabot") && strings.TrimSpace(f.Value) == in.Instance)
	}
	m.either("not our own", !own, "it is not from our address, nor sent by this installation",
		"it is from our own address, or this installation sent it")
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyOurOwn, Folder: intake.Processed}, own, nil
}

// automatic handles mail that a machine sent: it is never a decision and never answered. A site's message
// with evidence, or that is encrypted, may be a person's after all, and waits for the operator.
func (in *Inbox) automatic(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	signs := strings.Join(m.msg.AutomaticSigns, "; ")
	if m.check("written by a person", !m.msg.Automatic, "signs of a machine: %s", cmp.Or(signs, "none")) {
		return intake.Conclusion{}, false, nil
	}
	if sender, ok := in.Reviewers.ByAddress(m.from()); ok {
		if err := (&reviewerMail{in, m, sender}).absent(ctx); err != nil {
			return intake.Conclusion{}, true, err
		}
	}
	brings := "with evidence"
	if m.msg.Encrypted {
		brings = "encrypted"
	}
	if _, ofSite := in.siteOf(m.Mailbox, m.from()); ofSite && m.verdict.Authentic && (m.bringsEvidence() || m.msg.Encrypted) {
		c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyAutomatic,
			errors.New("a machine seems to have sent it ("+signs+"), "+brings))
		return c, true, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyAutomatic, Folder: intake.Processed}, true, nil
}

// tooLarge refuses a message above the size limit, of which only the header was fetched.
func (in *Inbox) tooLarge(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	if m.check("size", !m.HeaderOnly, "it has %d bytes; the limit is %d", m.Size, in.Policy.MaxMessage) {
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyTooLarge, Folder: intake.RefusedBox}
	return c, true, in.answer(ctx, m, intake.Letter{Template: intake.LetterTooLarge, To: m.from(), AnswersTo: m.msg.MessageID,
		Facts: intake.Facts{Audience: intake.ToSender,
			SizeFacts: intake.SizeFacts{Size: m.Size, Limit: in.Policy.MaxMessage}}})
}
