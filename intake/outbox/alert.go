package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	intake.AlertBefore:          "mfabot inbound",
	intake.AlertNeedsAnswer:     "mfabot inbound",
	intake.AlertUnanswered:      "mfabot inbound",
	intake.AlertFraming:         "mfabot inbound",
	intake.AlertAutomatic:       "mfabot inbound",
	intake.AlertNumber:          "mfabot inbound",
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
// that no kind in provoked comes to it but where it is narrowed. One cause has alertsADayBy of them. mostADay has those
// of which a busy day has more.
const (
	alertsADay   = 48
	alertsADayBy = 12
)

//exhaustive:ignore
var mostADay = map[intake.AlertKind]int{
	intake.AlertDirectory: 400, // without a directory, each is something to do now
}

// Cause says who makes an alert come, so that nobody's alerts hide another's, and what it is about.
type Cause struct {
	By  string // such as "the site FA001"; empty for nobody in particular
	Ref string // of the active exception that it is about; empty for none

	User   intake.User      // whom it is about, as far as that is known
	Site   intake.SiteFacts // likewise
	Urgent bool
	Quote
}

// About is the cause of an alert about a user and a site, as far as they are known.
func About(s *intake.Service, user intake.User, siteCode string) Cause {
	c := Cause{User: user}
	if siteCode != "" {
		c.Site = s.FactsOfSite(siteCode)
	}
	return c
}

// Do adds what the operator is to do: what matters most first, commands last.
func (c Cause) Do(todo ...string) Cause {
	c.Todo = todo
	return c
}

// Quote is what somebody wrote, and what the operator can do about it, which is told below it: it has to be read first.
type Quote struct {
	Said string
	Todo []string
}

// Alert sends the operator an alert, unless there have been too many of its kind: of one that anybody can cause there is
// one an hour. What is kept back is told with the next of the kind, or after an hour. Only so many of a kind are of one
// cause. What is about active exceptions is counted apart from everything else and told of first, and every such exception
// is named.
func (out *Outbox) Alert(ctx context.Context, w Work, kind intake.AlertKind, c Cause, headline string, lines ...string) error {
	where := provoked[kind.Family()]
	may, err := mayAlert(ctx, out, w, kind, c)
	if err != nil {
		return err
	}
	if !may {
		k := intake.KeptAlerts{Kind: kind.Family(), N: 1, Since: w.Now}
		if where == "" {
			k.By, k.Ref, k.Lines = c.By, c.Ref, []string{inOneLine(headline, c.Said, slices.Concat(lines, c.Todo))}
		}
		return w.KeepAlert(ctx, k)
	}
	kept, err := w.TakeAlerts(ctx, kind.Family())
	if err != nil {
		return err
	}
	others := keptLines(out.Service, kept)
	if where != "" {
		others = slices.Insert(others, 0, othersOf(kind.Family(), where))
	}
	return sendAlert(ctx, out, w, kind, c, intake.AlertFacts{Headline: headline, Urgent: c.Urgent, Lines: lines, Todo: c.Todo,
		Others: others})
}

// othersOf says where to look for alerts of a kind that were not sent.
func othersOf(kind intake.AlertKind, where string) string {
	if kind == intake.AlertHeld { // a message is not on record before it is handled
		return "Others within the hour are not reported. They stay in the inbox as well: `" + where +
			"` lists them only once they are handled."
	}
	return "Others of this kind within the hour are not reported; `" + where + "` lists them."
}

// mayAlert reports whether an alert of a kind may be sent by itself now. That somebody has written to the database is
// told whatever the database says was told before.
func mayAlert(ctx context.Context, out *Outbox, w Work, kind intake.AlertKind, c Cause) (bool, error) {
	if kind == intake.AlertSeals {
		return true, nil
	}
	family := kind.Family()
	if provoked[family] != "" && c.By == "" {
		alerts, since := []intake.Template{intake.LetterAlert}, w.Now.Add(-alertPause)
		n, err := w.CountLetters(ctx, alerts, out.Operator, intake.Why(kind), since)
		if err != nil || n > 0 {
			return false, err
		}
	}
	for _, a := range alertAllowances(family, c) {
		err := w.Spend(ctx, a, w.Now)
		if errors.Is(err, intake.ErrSpent) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// alertAllowances returns the allowances that an alert of a kind comes out of: its cause's own first, so that what one
// cause has too many of is taken from nobody else.
func alertAllowances(kind intake.AlertKind, c Cause) []intake.Allowance {
	name := "alerts:" + string(kind)
	if c.Ref != "" {
		name += ":active"
	}
	of := intake.NewAllowance(name, cmp.Or(mostADay[kind], alertsADay))
	if c.By == "" {
		return []intake.Allowance{of}
	}
	by := intake.NewAllowance(name+":"+c.By, alertsADayBy)
	if provoked[kind] != "" { // one an hour
		by.Burst, by.Refill = intake.OneLetter, int64(24*time.Hour/alertPause)*intake.OneLetter
	}
	return []intake.Allowance{by, of}
}

// sendAlert sends an alert, however many there were.
func sendAlert(ctx context.Context, out *Outbox, w Work, kind intake.AlertKind, c Cause, says intake.AlertFacts) error {
	f := intake.Facts{Audience: intake.ToOperator, Why: intake.Why(kind), At: w.Now, Said: c.Said, User: c.User, Site: c.Site,
		AlertFacts: says}
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterAlert, To: out.Operator, Facts: f})
}

// maxKept bounds the line by which an alert that was kept back is told of, in runes.
const maxKept = 300

// maxKeptSaid bounds how much of that is what somebody wrote, which stands before the rest.
const maxKeptSaid = 120

// inOneLine puts an alert into one line, as far as it fits.
func inOneLine(headline, said string, lines []string) string {
	parts := []string{headline}
	if said != "" {
		parts = append(parts, "“"+firstRunes(said, maxKeptSaid)+"”")
	}
	return intake.MaskCodes(firstRunes(strings.Join(append(parts, lines...), "; "), maxKept))
}

// firstRunes puts a text into one line of at most n runes.
func firstRunes(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}

// keptLines tells of the alerts of a kind that were kept back: first of those about active exceptions.
func keptLines(s *intake.Service, kept []intake.KeptAlerts) []string {
	if len(kept) == 0 {
		return nil
	}
	slices.SortFunc(kept, func(a, b intake.KeptAlerts) int {
		if (a.Ref == "") != (b.Ref == "") {
			return cmp.Compare(b.Ref, a.Ref) // the empty one is last
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.By, b.By), cmp.Compare(a.Ref, b.Ref))
	})
	since := kept[0].Since
	var lines []string
	for _, k := range kept {
		if k.Since.Before(since) {
			since = k.Since
		}
		lines = append(lines, k.Lines...)
		if more := k.N - len(k.Lines); more > 0 && len(k.Lines) > 0 {
			lines = append(lines, fmt.Sprintf("And %d more%s.", more, byWhom(k)))
		}
	}
	first := fmt.Sprintf("Not sent since %s, as there were too many: %d of this kind.", s.Moment(since), count(kept))
	return append([]string{first}, lines...)
}

// byWhom says who caused alerts that were kept back, and what they are about.
func byWhom(k intake.KeptAlerts) string {
	switch {
	case k.By == "":
		return ""
	case k.Ref == "":
		return " by " + k.By
	}
	return " by " + k.By + " about " + k.Ref
}

// count is how many alerts were kept back.
func count(kept []intake.KeptAlerts) (n int) {
	for _, k := range kept {
		n += k.N
	}
	return n
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
		headline := fmt.Sprintf("%d more alerts of one kind: %s", count(kept), kind)
		if err := sendAlert(ctx, out, w, kind, Cause{}, intake.AlertFacts{Headline: headline,
			Others: keptLines(out.Service, kept)}); err != nil {
			return err
		}
	}
	return nil
}

// AlertOperator is Alert in a transaction of its own, for trouble that is not part of a message or a request,
// such as a file that cannot be used.
func (out *Outbox) AlertOperator(
	ctx context.Context, kind intake.AlertKind, c Cause, headline string, lines ...string,
) error {
	return out.update(ctx, func(w Work) error {
		return out.Alert(ctx, w, kind, c, headline, lines...)
	})
}
