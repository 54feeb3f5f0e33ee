package inbound

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"mfabot/intake"
)

// rule handles the messages that it is for, and leaves the others to the next.
type rule func(ctx context.Context, t *message) (c intake.Conclusion, mine bool, err error)

// handle does what is to be done with a message: the first rule that it falls
// under decides. What must never be answered comes before what may be.
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

// unreadable is what the parser can make nothing of.
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

// ourOwn is mail that we sent, come back.
func (in *Inbox) ourOwn(_ context.Context, t *message) (intake.Conclusion, bool, error) {
	own := t.from() == in.Address
	for _, f := range t.msg.Header {
		own = own || (strings.EqualFold(f.Name, "X-Mfabot") && strings.TrimSpace(f.Value) == in.Instance)
	}
	t.either("not our own", !own, "it is from another address than ours, and not from this installation", "it is from our own address, or this installation sent it")
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyOurOwn, Folder: intake.Processed}, own, nil
}

// automatic is mail that a machine sent: never a decision, never answered. A
// site's with evidence may be a person's after all, and waits for the operator.
func (in *Inbox) automatic(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	signs := strings.Join(t.msg.AutomaticSigns, "; ")
	if t.check("written by a person", !t.msg.Automatic, "signs of a machine: %s", cmp.Or(signs, "none")) {
		return intake.Conclusion{}, false, nil
	}
	if sender, known := in.Reviewers.ByAddress(t.from()); known {
		if err := (&reviewerMail{in, t, sender}).absent(ctx); err != nil {
			return intake.Conclusion{}, true, err
		}
	}
	if _, ofSite := in.siteOf(t); ofSite && t.verdict.Authentic && t.bringsEvidence() {
		c, err := in.quarantine(ctx, t.Work, t.inbound, intake.WhyAutomatic, errors.New("a machine seems to have sent it ("+signs+"), with evidence"))
		return c, true, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeIgnored, Reason: intake.WhyAutomatic, Folder: intake.Processed}, true, nil
}

// tooLarge is a message of which only the header was read.
func (in *Inbox) tooLarge(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	if t.check("size", !t.HeaderOnly, "%d bytes, of at most %d", t.Size, in.Policy.MaxMessage) {
		return intake.Conclusion{}, false, nil
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyTooLarge, Folder: intake.RefusedBox}
	return c, true, in.answer(ctx, t, intake.Letter{Template: intake.LetterTooLarge, To: t.from(), AnswersTo: t.msg.MessageID,
		Facts: intake.Facts{Audience: intake.ToSender, Size: t.Size, Limit: in.Policy.MaxMessage}})
}
