package inbound

import (
	"context"
	"errors"

	"mfabot/intake"
)

// answer answers a message that changes nothing, as far as the caps allow.
func (in *Inbox) answer(ctx context.Context, t *message, l intake.Letter) error {
	unsent, err := in.out.Answer(ctx, t.Work, l, t.from())
	if unsent != "" {
		t.check("within the caps", false, "%s to %s is not sent: %s in a day are the most", l.Template, l.To, unsent)
	}
	return err
}

// refuse answers a message that changes nothing, with the reason of the answer.
func (in *Inbox) refuse(ctx context.Context, t *message, l intake.Letter) (intake.Conclusion, error) {
	if l.To == t.from() {
		l.AnswersTo = t.msg.MessageID
	}
	return intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: l.Facts.Why, Ref: l.Ref, Folder: intake.RefusedBox}, in.answer(ctx, t, l)
}

// passable reports whether one more message of a site may be passed on to people
// today. Signed mail can be sent again and again by whoever has a copy.
func (in *Inbox) passable(ctx context.Context, t *message, siteCode string) (bool, error) {
	n := in.Policy.AnswersADay
	err := t.Spend(ctx, intake.NewAllowance("passed on:"+siteCode, n), t.Now)
	if !errors.Is(err, intake.ErrSpent) {
		return err == nil, err
	}
	t.check("within the caps", false, "it is on record and not passed on: %d messages of one site in a day are the most", n)
	return false, in.out.Alert(ctx, t.Work, intake.AlertAnswers, "A site writes a lot",
		"Site: "+siteCode, "From: "+t.from(), "What it wrote is on record, and not passed on any more until there is room again: `mfabot inbound` lists it.")
}
