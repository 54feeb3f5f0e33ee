package notify

import (
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/templates"
)

// The files of the letter about a month.
const (
	chartFile  = "chart.png"
	numberFile = "MFA report "
)

// reportView is what the letter about a month says of it.
type reportView struct {
	Name, Requests, Decided string // of the month, in words
	Before                  string // what the month before was like; empty where it is not known
	Half, Most              string // how long decisions took, in words; empty where reviewers made none
	Look                    bool   // something needs a look:
	Late, Overdue           string
	Lacking, Repeated       string
	Chart                   *chartView
	Months                  []monthView
	Blocks                  []blockView
	File                    string
}

// monthView is a row of the table.
type monthView struct{ Name, Requests, Approved, Rejected string }

// blockView is numbers that belong together.
type blockView struct {
	Title string
	Rows  []numberView
}

// numberView is a number.
type numberView struct{ Label, Value string }

// setReport sets what the letter about a month says.
func (v *view) setReport(l intake.Letter) {
	f := l.Facts
	if len(f.Months) == 0 {
		return
	}
	newest := f.Months[0]
	r := &v.Report
	r.Name, r.Requests, r.Decided = monthName(newest), requestsIn(newest), decidedIn(newest)
	if len(f.Months) > 1 {
		r.Before = fmt.Sprintf("%s had %s and %s", monthName(f.Months[1]), requestsIn(f.Months[1]), decisionsIn(f.Months[1]))
	}
	if f.Timed {
		r.Half, r.Most = workingDays(f.Half), workingDays(f.Most)
	}
	if f.Late > 0 {
		long := workingDays(f.LateDays)
		r.Late = countOf(f.Late, "request has waited for reviewers for "+long, "requests wait for reviewers, one of them for "+long)
	}
	if f.Overdue > 0 {
		r.Overdue = countOf(f.Overdue, "exception is over, and its exemption has not ended",
			"exceptions are over, and their exemptions have not ended")
	}
	if f.Lacking > 0 {
		r.Lacking = countOf(f.Lacking, "request was rejected", "requests were rejected")
	}
	if f.Repeated > 0 {
		r.Repeated = countOf(f.Repeated, "user was given", "users were given")
	}
	r.Look = f.Late+f.Overdue > 0
	r.Chart, r.File = newChart(v.Service, f.Months), reportFile(l)
	for _, m := range f.Months {
		r.Months = append(r.Months, monthView{monthAs(m, shortMonth), templates.Count(m.Requests), templates.Count(m.Approved),
			templates.Count(m.Rejected)})
	}
	for _, b := range f.Blocks {
		block := blockView{Title: templates.Line(b.Title, maxTitle)}
		for _, n := range b.Numbers {
			block.Rows = append(block.Rows, numberView{templates.Line(n.Label, maxTitle), numberInWords(n)})
		}
		r.Blocks = append(r.Blocks, block)
	}
}

// numberInWords is a number with what is to be said of it, which may be all.
func numberInWords(n intake.NumberFacts) string {
	note := templates.Line(n.Note, maxTitle)
	switch {
	case note == "":
		return templates.Count(n.N)
	case n.N == 0:
		return note
	}
	return templates.Count(n.N) + ", " + note
}

// countOf counts in words.
func countOf(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return templates.Count(n) + " " + more
}

func requestsIn(m intake.MonthFacts) string { return countOf(m.Requests, "request", "requests") }

func decisionsIn(m intake.MonthFacts) string { return countOf(m.Decided(), "decision", "decisions") }

func decidedIn(m intake.MonthFacts) string {
	if m.Decided() == 0 {
		return "none decided"
	}
	return templates.Count(m.Decided()) + " decided"
}

// workingDays puts a time on working days into words.
func workingDays(days float64) string {
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", days), ".0")
	switch text {
	case "0":
		return "an hour or two"
	case "1":
		return "1 working day"
	}
	return text + " working days"
}

// reportFile is the name of the file with all numbers.
func reportFile(l intake.Letter) string {
	if l.Facts.CSV == "" || len(l.Facts.Months) == 0 {
		return ""
	}
	return filename(numberFile + l.Facts.Months[0].Month + ".csv")
}
