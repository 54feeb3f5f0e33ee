package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	intake.AlertUnreachable:     "mfabot outbound",
	intake.AlertRefused:         "mfabot exceptions",
	intake.AlertProtected:       "mfabot inbound",
	intake.AlertNamed:           "mfabot queue",
	intake.AlertUndecided:       "mfabot queue",
	intake.AlertNobody:          "mfabot queue",
}

// alertsADay is how many alerts of one kind a day may bring, about half of them at once: more than one an hour, so
// that no kind in provoked comes to it but where it is narrowed. mostADay has those of which a busy day has more.
const alertsADay = 48

//exhaustive:ignore
var mostADay = map[intake.AlertKind]int{
	intake.AlertDirectory: 400, // without a directory, each is something to do now
}

// Alert sends the operator an alert, unless there have been too many of its kind: of one that anybody can cause
// there is one an hour. What is kept back is told with the next of the kind, or after an hour.
func (out *Outbox) Alert(ctx context.Context, w Work, kind intake.AlertKind, headline string, lines ...string) error {
	return out.AlertQuoting(ctx, w, kind, "", headline, lines...)
}

// AlertQuoting is Alert that quotes what somebody wrote.
func (out *Outbox) AlertQuoting(
	ctx context.Context, w Work, kind intake.AlertKind, said, headline string, lines ...string,
) error {
	where := provoked[kind.Family()]
	may, err := mayAlert(ctx, out, w, kind)
	switch {
	case err != nil:
		return err
	case !may && where == "":
		return w.KeepAlert(ctx, kind.Family(), inOneLine(headline, lines), w.Now)
	case !may:
		return w.KeepAlert(ctx, kind.Family(), "", w.Now)
	}
	if where != "" {
		lines = append(lines, "Others of this kind within the hour are not reported; `"+where+"` lists them.")
	}
	kept, err := w.TakeAlerts(ctx, kind.Family())
	if err != nil {
		return err
	}
	for _, k := range kept {
		lines = append(lines, keptLines(out.Service, k)...)
	}
	return sendAlert(ctx, out, w, kind, said, headline, lines)
}

// mayAlert reports whether an alert of a kind may be sent by itself now. That somebody has written to the database is
// told whatever the database says was told before.
func mayAlert(ctx context.Context, out *Outbox, w Work, kind intake.AlertKind) (bool, error) {
	if kind == intake.AlertSeals {
		return true, nil
	}
	family := kind.Family()
	if provoked[family] != "" {
		alerts, since := []intake.Template{intake.LetterAlert}, w.Now.Add(-alertPause)
		n, err := w.CountLetters(ctx, alerts, out.Operator, intake.Why(kind), since)
		if err != nil || n > 0 {
			return false, err
		}
	}
	most := cmp.Or(mostADay[family], alertsADay)
	err := w.Spend(ctx, intake.NewAllowance("alerts:"+string(family), most), w.Now)
	if errors.Is(err, intake.ErrSpent) {
		return false, nil
	}
	return err == nil, err
}

// sendAlert sends an alert, however many there were.
func sendAlert(
	ctx context.Context, out *Outbox, w Work, kind intake.AlertKind, said, headline string, lines []string,
) error {
	f := intake.Facts{Audience: intake.ToOperator, Why: intake.Why(kind), At: w.Now, Said: said,
		AlertFacts: intake.AlertFacts{Headline: headline, Lines: lines}}
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterAlert, To: out.Operator, Facts: f})
}

// maxKept bounds the line by which an alert that was kept back is told of, in runes.
const maxKept = 300

// inOneLine puts an alert into one line, as far as it fits.
func inOneLine(headline string, lines []string) string {
	words := strings.Join(strings.Fields(strings.Join(append([]string{headline}, lines...), "; ")), " ")
	if runes := []rune(words); len(runes) > maxKept {
		words = string(runes[:maxKept]) + "…"
	}
	return intake.MaskCodes(words) + "\n"
}

// keptLines tells of the alerts of a kind that were kept back.
func keptLines(s *intake.Service, k intake.KeptAlerts) []string {
	lines := []string{fmt.Sprintf("Not sent since %s, as there were too many: %d of this kind.", s.Moment(k.Since), k.N)}
	lines = append(lines, k.Lines...)
	if more := k.N - len(k.Lines); more > 0 && len(k.Lines) > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", more))
	}
	return lines
}

// TellOfKept sends the alerts that were kept back for an hour, those of one kind in one email.
func (out *Outbox) TellOfKept(ctx context.Context, w Work) error {
	kinds, err := w.KeptSince(ctx, w.Now.Add(-alertPause))
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		kept, err := w.TakeAlerts(ctx, kind)
		if err != nil {
			return err
		}
		for _, k := range kept {
			headline := fmt.Sprintf("%d more alerts of one kind: %s", k.N, kind)
			if err := sendAlert(ctx, out, w, kind, "", headline, keptLines(out.Service, k)); err != nil {
				return err
			}
		}
	}
	return nil
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
