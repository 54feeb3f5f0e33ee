package notify

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// undecidedView is a request in the morning's digest, with all outside text made harmless.
type undecidedView struct {
	Ref, Who, SiteName, Reason string
	Renews                     string
	RenewedEnds                time.Time // when that ends; zero if it is over
	Waited                     string    // in words
	Asked                      string    // names of others; empty for none
	InPlaceOf                  string    // the reviewer whose deputy gets the letter
	Grant, TurnDown, Ask       template.URL
	AskFirst                   bool // as in a letter about it alone

	// In a review email.
	Justification []string // where it is not the same for all
	Cut           string   // where that is only the beginning: where the rest is
	Method        string
	Files         string
	Records       []recordView
	RecordsMore   int
	Approvals     int
	Foreign       bool // the user is of a domain that is new to the site:
	Domain        string
	SameFiles     []sameFileView
	Named         bool
	Account       string
	InDirectory   string
	OtherName     string
	Called        string // the user's name or, without one, address
	Several       bool   // more than one reviewer must agree
	Agreed        string // how many have, in words

	// In what came of an answer for several.
	State, Outcome, LeftOut string
}

// endingView is the same for an exception in the morning's digest.
type endingView struct {
	Ref, Who, SiteName string
	Ends               time.Time
	Renewal            string    // the reference of a request; empty for none
	Yours              bool      // which the reader has to decide
	ByHand             bool      // a person has still to switch it on
	RenewBy            time.Time // the last day on which a renewal can be asked for in time; zero where the end is far away
	RenewLate          bool      // which is over
}

// decidedView is a request in the digest that somebody else has decided.
type decidedView struct {
	Ref, Who, SiteName, Outcome, By, Said, Former string
	At, Ends                                      time.Time
	Revoke                                        template.URL
}

// setDecided sets what the digest tells of what others decided.
func (v *view) setDecided(f intake.Facts) {
	for _, d := range f.Decided {
		one := decidedView{Ref: templates.Line(d.Ref, maxRef), Who: who(d.User), SiteName: siteName(d.Site), Outcome: outcome(d.Decision),
			By: templates.Line(d.By, maxName), Said: templates.Clean(d.Said, maxEntry), Former: templates.Line(d.Former, maxRef),
			At: d.At, Ends: d.Ends}
		if d.Code != "" {
			one.Revoke = choice(v.Service.Address, about(one.Ref, d.Code), "REVOKE ")
		}
		v.Decided = append(v.Decided, one)
	}
	if v.MorningWords == "" && f.TodosTotal == 0 {
		v.MorningWords = count(len(f.Decided), "request was decided", "requests were decided")
	}
}

// setMorning sets what the digest lists and the words of its subject.
func (v *view) setMorning(l intake.Letter) {
	f := l.Facts
	shared := sharedJustification(f.Undecided)
	if shared != "" {
		v.Justification = templates.Block(shared, maxWords, maxLines)
		v.Cut = cutOff(l, shared, v.Justification)
	}
	if f.AllCode != "" {
		all := count(len(f.Undecided), "request", "requests")
		v.GrantAll = choice(v.Service.Address, "All "+all+" ["+f.AllCode+"]", "APPROVE")
		v.TurnDownAll = choice(v.Service.Address, "All "+all+" ["+f.AllCode+"]", "REJECT ")
	}
	for _, w := range f.Undecided {
		u := undecidedView{Ref: templates.Line(w.Ref, maxRef), Who: who(w.User), SiteName: siteName(w.Site),
			Renews: templates.Line(w.Renews, maxRef), RenewedEnds: w.Runs,
			Reason: w.Reason, Waited: waited(w.Days), Asked: templates.Line(strings.Join(w.Asked, "; "), maxEntry),
			InPlaceOf: templates.Line(w.InPlaceOf, maxName),
			Method:    method(w.AuthMethod), Files: filesOf(w, f.Evidence), AskFirst: askFirst(w.Directory.Account),
			Records: recordViews(w.Records), RecordsMore: w.RecordsMore, Approvals: w.Approvals, Named: w.Named,
			Foreign: w.Foreign, Domain: templates.Line(intake.DomainOf(w.User.Email), maxAddress), SameFiles: sameFileViews(w.SameFiles),
			Account: w.Directory.Account, InDirectory: inDirectory(w.Directory), OtherName: otherName(w.User, w.Directory),
			Called: templates.Line(cmp.Or(w.User.Name, w.User.Email), maxName), Several: w.Approvals > 1, Agreed: agreed(w.Agreed),
			State: string(w.State), Outcome: outcome(string(w.State)), LeftOut: string(w.LeftOut)}
		if w.Justification != shared {
			u.Justification = templates.Block(w.Justification, maxWordsTogether, maxLinesTogether)
			u.Cut = cutOff(l, w.Justification, u.Justification)
		}
		u.Grant, u.TurnDown, u.Ask = choices(v.Service.Address, u.Ref, w.Code)
		v.Undecided = append(v.Undecided, u)
	}
	v.Warned = count(warnings(v.Undecided), "of them has a warning above.", "of them have a warning above.")
	for _, e := range f.Ending {
		v.Ending = append(v.Ending, endingView{Ref: templates.Line(e.Ref, maxRef), Who: who(e.User), SiteName: siteName(e.Site),
			Ends: e.Ends, Renewal: templates.Line(e.Renewal, maxRef), Yours: e.Yours})
		v.EndingYours = v.EndingYours || e.Yours
	}
	v.UndecidedMore, v.EndingMore, v.AtSites = f.UndecidedTotal-len(f.Undecided), f.EndingTotal-len(f.Ending), f.AtSites
	v.UndecidedWords = count(f.UndecidedTotal, "request waits for your decision", "requests wait for your decision")
	v.MorningWords = inWords(count(f.UndecidedTotal, "request to decide", "requests to decide"),
		count(f.EndingTotal, "exception ends within 7 days", "exceptions end within 7 days"))
	v.setDecided(f)
	v.setTodos(f)
}

// todoView is one of several things that the operator is to do by hand.
type todoView struct {
	ID                 int64
	What               string // exempt, end, call
	Ref, Who, SiteName string
	Since              time.Time
	Overdue            bool
}

// setTodos sets what the operator is to do by hand, which stands first in the subject of their digest.
func (v *view) setTodos(f intake.Facts) {
	words := map[intake.ActionKind]string{intake.ToApply: "exempt", intake.ToRemove: "end", intake.ToCall: "call"}
	for _, t := range f.Todos {
		v.Todos = append(v.Todos, todoView{t.ID, words[t.Kind], templates.Line(t.Ref, maxRef), who(t.User),
			siteName(t.Site), t.Since, t.Overdue})
	}
	v.TodosMore = f.TodosTotal - len(f.Todos)
	overdue := ""
	if f.TodosOverdue > 0 {
		overdue = fmt.Sprintf("%d overdue", f.TodosOverdue)
	}
	v.MorningWords = inWords(count(f.TodosTotal, "thing to do by hand", "things to do by hand"), overdue, v.MorningWords)
}

// filesOf names the evidence of one of several requests, and says which of it the letter does not attach.
func filesOf(w intake.UndecidedFacts, evidence []intake.EvidenceFacts) string {
	var names []string
	for _, name := range w.Files {
		if slices.ContainsFunc(evidence, func(e intake.EvidenceFacts) bool { return e.Unsent && e.Filename == name }) {
			name += notHere
		}
		names = append(names, name)
	}
	return templates.Line(strings.Join(names, "; "), maxEntry)
}

// agreed puts into words how many reviewers have approved a request that needs more.
func agreed(n int) string {
	switch n {
	case 0:
		return "Nobody has so far."
	case 1:
		return "1 has so far."
	}
	return fmt.Sprintf("%d have so far.", n)
}

// warnings is how many of several requests a letter warns of.
func warnings(all []undecidedView) (n int) {
	for _, u := range all {
		account := u.Account != "" && u.Account != intake.AccountGood
		replaces := slices.ContainsFunc(u.Records, func(r recordView) bool { return r.Active && r.Other })
		if u.Foreign || u.Named || account || u.OtherName != "" || len(u.SameFiles) > 0 || replaces {
			n++
		}
	}
	return n
}

// sharedJustification returns the justification of several requests that have the same; else it is empty.
func sharedJustification(all []intake.UndecidedFacts) string {
	for _, u := range all {
		if u.Justification != all[0].Justification {
			return ""
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[0].Justification
}

// count puts a number of things into words; zero is empty.
func count(n int, one, several string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// waited puts a number of working days into words.
func waited(days int) string {
	if days == 0 {
		return "less than a working day"
	}
	return count(days, "working day", "working days")
}

// who returns a person's name and address.
func who(p intake.User) string {
	return named(templates.Line(p.Name, maxName), templates.Line(p.Email, maxAddress))
}

// siteName returns a site's name and ODS code.
func siteName(s intake.SiteFacts) string {
	return named(templates.Line(s.Name, maxTitle), templates.Line(s.ODSCode, maxName))
}
