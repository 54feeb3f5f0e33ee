package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Number is one number of a report, as people have it.
type Number struct{ Section, Name, Value string }

// Numbers are the numbers of a report for people, in order.
func (r *Report) Numbers() (out []Number) {
	count := func(section, name string, n int64) {
		out = append(out, Number{section, name, strconv.FormatInt(n, 10)})
	}
	number := func(section, name string, x float64) {
		out = append(out, Number{section, name, strconv.FormatFloat(x, 'f', 1, 64)})
	}
	out = append(out, Number{"period", "first day", r.From}, Number{"period", "last day", r.To},
		Number{"period", "counted at", r.At.In(r.zone).Format("2006-01-02 15:04 MST")})
	count("requests", "all", r.Requests.All)
	count("requests", "of these, renewals", r.Requests.Renewals)
	decided := func(section string, d Decisions) {
		count(section, "approved", d.Approved)
		count(section, "rejected", d.Rejected)
		count(section, "rejected for lack of evidence", d.WithoutEvidence)
		count(section, "site asked", d.Asked)
	}
	decided("decisions", r.Decisions)
	if t := r.TimeToDecision; t != nil {
		number("time to decision", "median, working days", t.Median.WorkingDays)
		number("time to decision", "median, hours by the clock", t.Median.Hours)
		number("time to decision", "95 of 100 within, working days", t.P95.WorkingDays)
		number("time to decision", "95 of 100 within, hours by the clock", t.P95.Hours)
	}
	for _, c := range r.Reasons {
		count("reasons", cmp.Or(c.Name, "not clear"), c.N)
	}
	for _, c := range r.Sites {
		count("sites", c.ODSCode+" "+c.Name, c.N)
	}
	if o := r.OtherSites; o != nil {
		count("sites", fmt.Sprintf("others (%d)", o.Sites), o.N)
	}
	for _, c := range r.Refusals {
		count("refusals", cmp.Or(c.Name, "not said"), c.N)
	}
	count("short term", "all", r.ShortTerm.All)
	for _, c := range r.ShortTerm.Reasons {
		count("short term", c.Name, c.N)
	}
	count("short term", "users with more than one", r.ShortTerm.Repeated)
	count("short term", "most for one user with several", r.ShortTerm.Most)
	decided("renewals", r.Renewals)
	count("exceptions", "active at the end, long term", r.Exceptions.Long)
	count("exceptions", "active at the end, short term", r.Exceptions.Short)
	count("exceptions", "ended", r.Exceptions.Ended)
	count("exceptions", "revoked", r.Exceptions.Revoked)
	count("exceptions", "superseded", r.Exceptions.Superseded)
	for _, w := range slices.Concat(r.Waiting, r.Reviewers) {
		count("waiting now", "for "+w.name, w.N)
		if w.N > 0 {
			number("waiting now", "longest, working days, for "+w.name, inWorkingDays(w.longest))
		}
	}
	return out
}

// WriteCSV writes the numbers as CSV that Excel reads: it takes UTF-8 for what it is by its mark.
func (r *Report) WriteCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"section", "name", "value"}}
	for _, n := range r.Numbers() {
		rows = append(rows, []string{cell(n.Section), cell(n.Name), n.Value})
	}
	return out.WriteAll(rows)
}

// cell has a spreadsheet take a text for a text, where it would take it for a formula, and for one line.
func cell(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
	if strings.IndexAny(strings.TrimSpace(text), "=+-@") == 0 {
		return "'" + text
	}
	return text
}
