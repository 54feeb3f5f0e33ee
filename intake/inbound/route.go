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
func (in *Inbox) handle(ctx context.Context, t *message) (intake.Conclusion, error) {
	for _, r := range []rule{
		in.duplicate,
		in.unreadable,
		in.ourOwn,
		in.bounce,
		in.automatic,
		in.unproven,
		in.tooLarge,
		in.fromReviewer,
		in.fromSite,
	} {
		if c, mine, err := r(ctx, t); mine || err != nil {
			return c, err
		}
	}
	return in.fromStranger(ctx, t)
}

// unreadable quarantines what the parser cannot read.
func (in *Inbox) unreadable(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	if t.err == nil {
		t.check("readable", true, "it was read: %s", cmp.Or(strings.Join(t.msg.Warnings, "; "), "nothing odd"))
		return intake.Conclusion{}, false, nil
	}
	first, _, _ := strings.Cut(t.err.Error(), "\n")
	t.check("readable", false, "%s", first)
	c, err := in.quarantine(ctx, t.Work, t.inbound, intake.WhyUnreadable, t.err)
	return c, true, err
}

// ourOwn ignores our own mail that has come back.
func (in *Inbox) ourOwn(_ context.Context, t *message) (intake.Conclusion, bool, error) {
	own := t.from() == in.Address
	for _, f := range t.msg.Header {
		own = own || (strings.EqualFold(f.Name, "X-Mfabot") && strings.TrimSpace(f.Value) == in.Instance)
	}
	t.either("not our own", !own, "it is not from our address, nor sent by this installation",
		"it is from our own address, or this installation sent it")
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyOurOwn, Folder: intake.Processed}, own, nil
}

// automatic handles mail that a machine sent: it is never a decision and never answered. A site's message
// with evidence may be a person's after all, and waits for the operator.
func (in *Inbox) automatic(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	signs := strings.Join(t.msg.AutomaticSigns, "; ")
	if t.check("written by a person", !t.msg.Automatic, "signs of a machine: %s", cmp.Or(signs, "none")) {
		return intake.Conclusion{}, false, nil
	}
	if sender, ok := in.Reviewers.ByAddress(t.from()); ok {
		if err := (&reviewerMail{in, t, sender}).absent(ctx); err != nil {
			return intake.Conclusion{}, true, err
		}
	}
	if _, ofSite := in.siteOf(t); ofSite && t.verdict.Authentic && t.bringsEvidence() {
		c, err := in.quarantine(ctx, t.Work, t.inbound, intake.WhyAutomatic,
			errors.New("a machine seems to have sent it ("+signs+"), with evidence"))
		return c, true, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyAutomatic, Folder: intake.Processed}, true, nil
}

// tooLarge refuses a message above the size limit, of which only the header was fetched.
func (in *Inbox) tooLarge(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	if t.check("size", !t.HeaderOnly, "it has %d bytes; the limit is %d", t.Size, in.Policy.MaxMessage) {
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyTooLarge, Folder: intake.RefusedBox}
	return c, true, in.answer(ctx, t, intake.Letter{Template: intake.LetterTooLarge, To: t.from(), AnswersTo: t.msg.MessageID,
		Facts: intake.Facts{Audience: intake.ToSender,
			SizeFacts: intake.SizeFacts{Size: t.Size, Limit: in.Policy.MaxMessage}}})
}
