package outbox

import (
	"context"
	"strings"
	"time"

	"mfabot/intake"
)

// alertPause is how long the operator is left alone after an alert of a kind in provoked.
const alertPause = time.Hour

// provoked are the kinds of alert that anybody can cause, or that many requests can cause at once, with the
// command that lists them. The others are rare, or each one matters.
//
//exhaustive:ignore
var provoked = map[intake.AlertKind]string{
	intake.AlertUnauthenticated: "mfabot inbound",
	intake.AlertUnclearSender:   "mfabot inbound",
	intake.AlertRegistered:      "mfabot inbound",
	intake.AlertUnreadable:      "mfabot inbound",
	intake.AlertUnconfirmed:     "mfabot inbound",
	intake.AlertOld:             "mfabot inbound",
	intake.AlertFraming:         "mfabot inbound",
	intake.AlertAutomatic:       "mfabot inbound",
	intake.AlertHeld:            "mfabot inbound",
	intake.AlertAttempt:         "mfabot inbound",
	intake.AlertWrongAddress:    "mfabot inbound",
	intake.AlertNoLonger:        "mfabot inbound",
	intake.AlertAnswers:         "mfabot inbound",
	intake.AlertUnreachable:     "mfabot inbound",
	intake.AlertRefused:         "mfabot exceptions",
	intake.AlertProtected:       "mfabot inbound",
	intake.AlertNamed:           "mfabot queue",
	intake.AlertUndecided:       "mfabot queue",
	intake.AlertNobody:          "mfabot queue",
}

// Alert sends the operator an alert. Of a kind that anybody can cause in any number, it sends one an hour.
func (out *Outbox) Alert(ctx context.Context, w Work, kind intake.AlertKind, headline string, lines ...string) error {
	first, _, _ := strings.Cut(string(kind), " ")
	if where := provoked[intake.AlertKind(first)]; where != "" {
		alerts, since := []intake.Template{intake.LetterAlert}, w.Now.Add(-alertPause)
		n, err := w.CountLetters(ctx, alerts, out.Operator, intake.Why(kind), since)
		if err != nil || n > 0 {
			return err
		}
		lines = append(lines, "Others of this kind within the hour are not reported; `"+where+"` lists them.")
	}
	return out.AlertQuoting(ctx, w, kind, "", headline, lines...)
}

// AlertQuoting sends the operator an alert that quotes what somebody wrote. It always sends it, however many
// there are.
func (out *Outbox) AlertQuoting(
	ctx context.Context, w Work, kind intake.AlertKind, said, headline string, lines ...string,
) error {
	f := intake.Facts{Audience: intake.ToOperator, Why: intake.Why(kind), At: w.Now, Said: said,
		AlertFacts: intake.AlertFacts{Headline: headline, Lines: lines}}
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterAlert, To: out.Operator, Facts: f})
}

// AlertOperator is Alert in a transaction of its own, for trouble that is not part of a message or a request,
// such as a file that cannot be used.
func (out *Outbox) AlertOperator(
	ctx context.Context, kind intake.AlertKind, headline string, lines ...string,
) error {
	return out.update(ctx, func(w Work) error {
		return out.Alert(ctx, w, kind, headline, lines...)
	})
}
