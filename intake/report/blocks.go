package report

import (
	"cmp"
	"strconv"
	"strings"

	"mfabot/intake"
)

// blocks are the numbers of a report for who reads them in a letter: a block without numbers is left out. No label begins like
// the answer of a reviewer, as a letter may be sent back.
func (m *Monthly) blocks(r *Report) (out []intake.BlockFacts) {
	add := func(title string, numbers ...intake.NumberFacts) {
		for _, n := range numbers {
			if n.N > 0 || n.Note != "" {
				out = append(out, intake.BlockFacts{Title: title, Numbers: numbers})
				return
			}
		}
	}
	add("How the requests were decided", decided(r)...)
	add("Reasons for the requests", m.reasons(intake.Long, r.Reasons)...)
	add("Sites with the most requests", sites(r)...)
	add("Emails that were refused, by the reason", causes(r.Refusals)...)
	short := m.reasons(intake.Short, r.ShortTerm.Reasons)
	if r.ShortTerm.Repeated > 0 {
		short = append(short, intake.NumberFacts{Label: "Users with more than one", N: r.ShortTerm.Repeated,
			Note: "the most for one: " + strconv.FormatInt(r.ShortTerm.Most, 10)})
	}
	add("Short-term exceptions that were granted", short...)
	add("Exceptions", exceptions(r)...)
	add("What waits now", waiting(r)...)
	return out
}

func decided(r *Report) []intake.NumberFacts {
	d, n := r.Decisions, r.Renewals
	out := []intake.NumberFacts{{Label: "Requests that came", N: r.Requests.All, Note: of(r.Requests.Renewals, "to renew an exception")},
		{Label: "Were approved", N: d.Approved, Note: of(n.Approved, "renewals")},
		{Label: "Were rejected by reviewers", N: d.Rejected, Note: of(n.Rejected, "renewals")},
		{Label: "Were rejected for lack of evidence", N: d.WithoutEvidence, Note: of(n.WithoutEvidence, "renewals")},
		{Label: "Questions to the sites", N: d.Asked}}
	if t := r.TimeToDecision; t != nil {
		took := func(t Time) string {
			return number(t.WorkingDays) + " working days, or " + number(t.Hours) + " hours by the clock"
		}
		out = append(out, intake.NumberFacts{Label: "Half were decided within", Note: took(t.Median)},
			intake.NumberFacts{Label: "Nearly all (95 of 100) within", Note: took(t.P95)})
	}
	return out
}

// number is a number of tenths.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// of says how many of a number are something; nothing where none is.
func of(n int64, what string) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10) + " of them " + what
}

// reasons are named as in the policy.
func (m *Monthly) reasons(c intake.Category, counts []Count) (out []intake.NumberFacts) {
	for _, n := range counts {
		title := "Not clear"
		if n.Name != "" {
			title = cmp.Or(m.FactsOfReason(c, n.Name).Title, n.Name)
		}
		out = append(out, intake.NumberFacts{Label: title, N: n.N})
	}
	return out
}

func sites(r *Report) (out []intake.NumberFacts) {
	for _, s := range r.Sites {
		label := s.ODSCode
		if s.Name != "" {
			label = s.Name + " (" + s.ODSCode + ")"
		}
		out = append(out, intake.NumberFacts{Label: label, N: s.N})
	}
	if o := r.OtherSites; o != nil {
		out = append(out, intake.NumberFacts{Label: strconv.FormatInt(o.Sites, 10) + " other sites", N: o.N})
	}
	return out
}

// causes are the causes of refusals, as `mfabot inbound` has them but for their dashes.
func causes(counts []Count) (out []intake.NumberFacts) {
	for _, n := range counts {
		cause := cmp.Or(strings.ReplaceAll(n.Name, "-", " "), "not said")
		out = append(out, intake.NumberFacts{Label: strings.ToUpper(cause[:1]) + cause[1:], N: n.N})
	}
	return out
}

func exceptions(r *Report) []intake.NumberFacts {
	e := r.Exceptions
	return []intake.NumberFacts{{Label: "Long-term ones at the end of the month", N: e.Long},
		{Label: "Short-term ones at the end of the month", N: e.Short}, {Label: "Ended in time", N: e.Ended},
		{Label: "Were ended early", N: e.Revoked}, {Label: "Gave way to a newer one", N: e.Superseded}}
}

func waiting(r *Report) (out []intake.NumberFacts) {
	for _, w := range append(r.Waiting[:len(r.Waiting):len(r.Waiting)], r.Reviewers...) {
		if w.N == 0 {
			continue
		}
		n := intake.NumberFacts{Label: "For " + w.name, N: w.N}
		if days := inWorkingDays(w.longest); days > 0 {
			n.Note = "the longest for " + number(days) + " working days"
		}
		out = append(out, n)
	}
	return out
}
