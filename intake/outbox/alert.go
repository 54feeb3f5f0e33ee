package outbox

import (
	"context"
	"strings"
	"time"

	"mfabot/intake"
)

// alertPause is how long the operator is left alone about one kind of trouble of
// which there can be any amount at once.
const alertPause = time.Hour

// provoked are the kinds of trouble that anybody can cause, or that many requests
// have at once, with the command that lists them.
var provoked = map[intake.AlertKind]string{
	intake.AlertUnauthenticated: "mfabot inbound",
	intake.AlertUnclearSender:   "mfabot inbound",
	intake.AlertRegistered:      "mfabot inbound",
	intake.AlertUnreadable:      "mfabot inbound",
	intake.AlertHeld:            "mfabot inbound",
	intake.AlertAttempt:         "mfabot inbound",
	intake.AlertWrongAddress:    "mfabot inbound",
	intake.AlertNoLonger:        "mfabot inbound",
	intake.AlertAnswers:         "mfabot inbound",
	intake.AlertUnreachable:     "mfabot inbound",
	intake.AlertRefused:         "mfabot exceptions",
	intake.AlertUndecided:       "mfabot queue",
	intake.AlertNobody:          "mfabot queue",
}

// Alert tells the operator. Kinds of trouble of which there can be any amount are
// told of once an hour.
func (out *Outbox) Alert(ctx context.Context, w Work, kind intake.AlertKind, headline string, lines ...string) error {
	first, _, _ := strings.Cut(string(kind), " ")
	if where := provoked[intake.AlertKind(first)]; where != "" {
		n, err := w.CountLetters(ctx, []intake.Template{intake.LetterAlert}, out.Operator, intake.Why(kind), w.Now.Add(-alertPause))
		if err != nil || n > 0 {
			return err
		}
		lines = append(lines, "Others of this kind within the hour are not reported; `"+where+"` lists them.")
	}
	return out.AlertQuoting(ctx, w, kind, "", headline, lines...)
}

// AlertQuoting is an alert with what somebody wrote, of which none is left out.
func (out *Outbox) AlertQuoting(ctx context.Context, w Work, kind intake.AlertKind, said, headline string, lines ...string) error {
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterAlert, To: out.Operator,
		Facts: intake.Facts{Audience: intake.ToOperator, Why: intake.Why(kind), At: w.Now, Headline: headline, Lines: lines, Said: said}})
}

// AlertOperator tells the operator of trouble that no message and no request is
// part of, such as a file that cannot be used: kind names it in the ledger.
func (out *Outbox) AlertOperator(ctx context.Context, kind intake.AlertKind, headline string, lines ...string) error {
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
