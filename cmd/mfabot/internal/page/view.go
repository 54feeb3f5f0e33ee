package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mfabot/templates"
)

// view is a Status in words, as the template takes it.
type view struct {
	Status
	Failing     bool // a way that mail comes or goes by, for too short a time to alarm anybody
	Longest     []waitView
	Unshown     int64 // how many more wait
	Ends        int64 // in all weeks
	Weeks       []weekView
	Bars        []bar
	ChartHeight string
	ChartText   string
	Tasks       []task
	Days        []dayView
}

type waitView struct{ Ref, Category, User, Email, Site, For, With string }

type weekView struct {
	Days, Name       string // from 30 Nov to 6 Dec, in short and in full
	Long, Short, All int64
}

type dayView struct {
	Label   string
	In, Out int64
}

// bar is a week in the chart. Places are in em, so that the chart grows with its text.
type bar struct {
	Label                       string
	Value                       int64
	Width, LabelY, BarY, ValueY string
}

// task is something that a person must do.
type task struct {
	What        string
	N           int64
	Do, Command string
}

// Render is the page of a Status.
func Render(set *templates.Page, s Status, zone *time.Location) (string, error) {
	v := view{Status: s, Tasks: tasks(s)}
	v.Alarms, v.Ways = slices.Clone(s.Alarms), slices.Clone(s.Ways)
	for i := range v.Alarms {
		v.Alarms[i].What = capital(v.Alarms[i].What)
	}
	for i := range v.Ways {
		v.Ways[i].Name = capital(v.Ways[i].Name)
		v.Failing = v.Failing || !v.Ways[i].Since.IsZero()
	}
	for _, w := range s.Longest {
		v.Longest = append(v.Longest, viewWait(w, s.Now))
	}
	v.Unshown = max(0, s.WaitingForSites+s.WaitingForReviewers-int64(len(s.Longest)))
	for _, w := range s.Weeks {
		from, to := w.From.In(zone), w.From.In(zone).AddDate(0, 0, 6)
		v.Weeks = append(v.Weeks, weekView{from.Format("2 Jan") + " to " + to.Format("2 Jan"),
			from.Format("2 January") + " to " + to.Format("2 January"), w.Long, w.Short, w.Long + w.Short})
		v.Ends += w.Long + w.Short
	}
	v.chart()
	for _, d := range s.Days {
		v.Days = append(v.Days, dayView{d.From.In(zone).Format("Monday 2 January"), d.In, d.Out})
	}
	return set.Render(v)
}

// capital is a text of ours that begins a line.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// viewWait says in words how long a request has waited, and with whom it waits.
func viewWait(w Wait, now time.Time) waitView {
	v := waitView{Ref: w.Ref, Category: "Long-term", Site: w.Site, For: capital(templates.HowLong(now.Sub(w.Since))),
		User: w.User.Name, Email: w.User.Email}
	if w.Renewal {
		v.Category = "Long-term, renewal"
	}
	named := strings.Join(w.Reviewers, ", ")
	switch n := len(w.Reviewers); {
	case w.ForSite:
		v.With = "The site"
	case n == 0:
		v.With = "Nobody who may decide"
	case strings.Trim(named, ", ") != "":
		v.With = named
	case n == 1:
		v.With = "1 reviewer"
	default:
		v.With = fmt.Sprintf("%d reviewers", n)
	}
	return v
}

// tasks are what there is for a person to do.
func tasks(s Status) []task {
	changes := task{"Changes that the directory does not make", s.Changes,
		"It is tried again and again. Each alert to the operator says what it answered. List the exceptions:", "mfabot exceptions"}
	if !s.Directory {
		changes = task{"Exemptions to switch on or off by hand", s.Changes,
			"See for whom, and say what is done:", "mfabot todo, mfabot done"}
	}
	var out []task
	for _, t := range []task{
		changes,
		{"Messages that a mail server does not hand over or file", s.Stuck,
			"See which, and look at them in the mailbox:", "mfabot inbound"},
		{"Messages set aside in the last 14 days", s.Aside, "Read them, and have those read again that should count:",
			"mfabot inbound, mfabot requeue"},
		{"Letters given up in the last 14 days", s.GivenUp, "Put the cause right, and send them again:",
			"mfabot outbound, mfabot resend"},
	} {
		if t.N > 0 {
			out = append(out, t)
		}
	}
	return out
}

// How the chart is drawn, in em: each week has its label, and below it a bar with its figure behind it. The longest bar
// leaves room for the figure.
const (
	rowHeight  = 2.9
	labelDown  = 1.0
	barDown    = 1.3
	valueDown  = 2.15
	longestBar = 75 // percent
)

// chart draws the weeks.
func (v *view) chart() {
	most, at := int64(0), 0
	for i, w := range v.Weeks {
		if w.All > most {
			most, at = w.All, i
		}
	}
	em := func(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
	for i, w := range v.Weeks {
		top := float64(i) * rowHeight
		width := 0.0
		if most > 0 {
			width = longestBar * float64(w.All) / float64(most)
		}
		v.Bars = append(v.Bars, bar{Label: w.Days, Value: w.All, Width: em(width),
			LabelY: em(top + labelDown), BarY: em(top + barDown), ValueY: em(top + valueDown)})
	}
	v.ChartHeight = em(float64(len(v.Weeks)) * rowHeight)
	if most > 0 {
		v.ChartText = fmt.Sprintf("Most end in the week of %s: %s.", v.Weeks[at].Name, templates.Count(most))
	}
}
