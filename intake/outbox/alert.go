package outbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// alertPause is how long the operator is left alone about one kind of trouble of
// which there can be any amount at once.
const alertPause = time.Hour

// provoked are the kinds of trouble that anybody can cause, or that many requests
// have at once.
var provoked = []string{intake.WhyUnauthenticated, intake.WhyUnclearSender, intake.WhyUnreadable, intake.WhyWrongAddress, intake.WhyNoLonger, intake.AlertAttempt, intake.AlertRegistered, intake.AlertRefused, intake.AlertAnswers, intake.AlertUnreachable, intake.AlertHeld, intake.WhyUndecided, intake.AlertNobody}

// Alert tells the operator. Kinds of trouble of which there can be any amount are
// told of once an hour.
func (out *Outbox) Alert(ctx context.Context, w Work, kind, headline string, lines ...string) error {
	if first, _, _ := strings.Cut(kind, " "); slices.Contains(provoked, first) {
		n, err := w.CountLetters(ctx, []intake.Template{intake.LetterAlert}, out.Operator, kind, w.Now.Add(-alertPause))
		if err != nil || n > 0 {
			return err
		}
		where := "mfabot inbound"
		switch kind {
		case intake.AlertRefused:
			where = "mfabot exceptions"
		case intake.WhyUndecided, intake.AlertNobody:
			where = "mfabot queue"
		}
		lines = append(lines, "Others of this kind within the hour are not reported; `"+where+"` lists them.")
	}
	return out.AlertQuoting(ctx, w, kind, "", headline, lines...)
}

// AlertQuoting is an alert with what somebody wrote, of which none is left out.
func (out *Outbox) AlertQuoting(ctx context.Context, w Work, kind, said, headline string, lines ...string) error {
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterAlert, To: out.Operator,
		Facts: intake.Facts{Audience: intake.ToOperator, Why: kind, At: w.Now, Headline: headline, Lines: lines, Said: said}})
}

// AlertOperator tells the operator of trouble that no message and no request is
// part of, such as a file that cannot be used: kind names it in the ledger.
func (out *Outbox) AlertOperator(ctx context.Context, kind, headline string, lines ...string) error {
	return out.update(ctx, func(w Work) error {
		return out.Alert(ctx, w, kind, headline, lines...)
	})
}

func (out *Outbox) AskToApply(ctx context.Context, w Work, e *intake.Exception) error {
	return out.Alert(ctx, w, intake.AlertDirectory, "Exempt "+e.User.Email+" from MFA now",
		"Reference: "+e.Ref, "For: "+e.User.Email, "Until: "+out.Moment(e.EndsAt),
		"mfabot does not change the directory. Exempt the user there; you will be told when to take it back.")
}

func (out *Outbox) AskToRemove(ctx context.Context, w Work, e *intake.Exception) error {
	return out.Alert(ctx, w, intake.AlertDirectory, "End the MFA exemption of "+e.User.Email+" now",
		"Reference: "+e.Ref, "For: "+e.User.Email,
		"mfabot does not change the directory. The exception is over: take the exemption back there.")
}
