package inbound

import (
	"cmp"
	"context"
	"errors"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// bounce handles reports that a letter was not delivered. Anybody can write one, so it changes nothing unless
// it names one of our letters and its recipient, and each letter counts once. Nothing is done about a letter
// that can still arrive.
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
		if !m.check("letter known", err == nil && o.To == intake.Canonical(b.Recipient),
			"it is about a letter with the Message-ID %q to %s", b.MessageID, b.Recipient) ||
			!m.check("refused for good", b.Permanent, "the status is %s", cmp.Or(b.Status, "not given")) {
			continue
		}
		c.Ref = o.Ref
		f := outbox.Failure{Kind: intake.AlertBounce, Headline: "An email of ours was not delivered", Refused: true,
			Status: outbox.Status(b.Status)}
		f.Cause = "Status: " + cmp.Or(f.Status, "not given")
		if err := in.out.Undelivered(ctx, m.Work, o, f); err != nil {
			return c, true, err
		}
	}
	return c, true, nil
}
