package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// user returns a field of the user that a request or an exception is for.
func (l *listed) user(field string) string {
	var user map[string]string
	if json.Unmarshal(l.Subject, &user) != nil {
		return ""
	}
	return user[field]
}

// endsOn is the day, in London, on which an exception ends.
func (p *play) endsOn(l *listed) string {
	at, err := time.Parse(time.RFC3339, l.EndsAt)
	if err != nil {
		return ""
	}
	return at.In(london(p.t)).Format(time.DateOnly)
}

func (l *listed) evidence() []string {
	var names []string
	for _, e := range l.Evidence {
		if e.Counts {
			names = append(names, e.Filename)
		}
	}
	slices.Sort(names)
	return names
}

func (p *play) brief(l *listed) string {
	return strings.Join([]string{l.Ref, l.user("email"), l.State, l.Category, l.Reason, l.Site.ODSCode, p.endsOn(l),
		fmt.Sprint(l.evidence())}, " ")
}

// always says what is wrong that must be right after every step: each letter is whole, marked as a machine's, on record
// and sent once, nothing is stuck, and each email has its line or lies in the inbox still.
func (p *play) always(first int) (bad []string) {
	out := map[string]listed{}
	for _, l := range p.listing("outbound") {
		out[l.MessageID] = l
	}
	for _, l := range p.letters[first:] {
		record, ok := out[l.id]
		l.template = record.Template
		if !ok {
			bad = append(bad, fmt.Sprintf("%v is not on record", l))
		}
		if len(l.lacks) > 0 || strings.TrimSpace(l.text) == "" || strings.TrimSpace(l.page) == "" {
			bad = append(bad, fmt.Sprintf("%v lacks %v, text or HTML", l, l.lacks))
		}
	}
	seen := map[string]bool{}
	for _, l := range p.letters {
		if seen[l.id+" "+l.to] {
			bad = append(bad, fmt.Sprintf("%v came twice", l))
		}
		seen[l.id+" "+l.to] = true
	}
	now := p.now.Add(storyGap / 2).Format(time.RFC3339)
	for _, l := range out {
		if l.State == "sent" || l.DueAt > now || p.givenUp[l.ID] {
			continue
		}
		if slices.ContainsFunc(l.To, p.post.holdsUp) {
			p.givenUp[l.ID] = l.State == "failed" // which it stays when the refusal ends
			continue
		}
		bad = append(bad, fmt.Sprintf("%s to %v is %s: %s", l.Template, l.To, l.State, l.LastError))
	}
	p.ledger = p.listing("inbound")
	inbox, err := p.office.Read(p.t.Context(), service, "INBOX")
	done(p.t, err)
	if len(p.ledger) != len(p.sent)-len(inbox) {
		bad = append(bad, fmt.Sprintf("%d emails, %d lines in inbound, %d in the inbox still", len(p.sent), len(p.ledger), len(inbox)))
	}
	return bad
}

func (p *play) outcome(s *storyStep, uid uint32) []string {
	if s.Outcome == "" && s.Reason == nil {
		return nil
	}
	for _, l := range p.ledger {
		if l.UID != uid {
			continue
		}
		if s.Outcome != "" && s.Outcome != l.Outcome || s.Reason != nil && *s.Reason != l.Reason {
			return []string{fmt.Sprintf("the outcome is %q (%s)", l.Outcome, l.Reason)}
		}
		return nil
	}
	return []string{"the email is not in inbound"}
}

func (p *play) expect(s *storyStep, letters []*storyReceived) (bad []string) {
	if len(p.sent) > 0 {
		bad = p.outcome(s, p.sent[len(p.sent)-1])
	}
	bad = append(bad, p.expectLetters(s, letters)...)
	if len(s.Requests) > 0 || len(s.NoneFor) > 0 {
		bad = append(bad, p.expectRows("request", p.requests(), s.Requests, s.NoneFor)...)
	}
	if len(s.Exceptions) > 0 || len(s.NoneFor) > 0 {
		bad = append(bad, p.expectRows("exception", p.listing("exceptions"), s.Exceptions, s.NoneFor)...)
	}
	for _, l := range p.letters {
		if slices.ContainsFunc(s.NoneFor, func(a string) bool { return strings.EqualFold(a, l.to) }) {
			bad = append(bad, fmt.Sprintf("%v, in step %d", l, l.step))
		}
	}
	if s.Members != nil {
		d, err := readMembers(p.file("directory.json"))
		done(p.t, err)
		members, want := slices.Sorted(slices.Values(d.Members)), slices.Sorted(slices.Values(*s.Members))
		if !slices.Equal(members, want) {
			bad = append(bad, fmt.Sprintf("exempt in the directory are %v, expected %v", members, want))
		}
	}
	return bad
}

func (p *play) expectLetters(s *storyStep, letters []*storyReceived) (bad []string) {
	claimed := map[*storyReceived]bool{}
	for i := range s.Letters {
		want := p.filled(s.Letters[i])
		n := 0
		var near []string
		for _, l := range letters {
			if !want.isOf(l) {
				continue
			}
			missing := want.missing(l)
			if missing == nil {
				n++
				claimed[l] = true
			}
			near = append(near, fmt.Sprintf("\t\t%v: %s", l, strings.Join(missing, ", ")))
		}
		if want.Count == nil && n == 0 || want.Count != nil && n != *want.Count {
			bad = append(bad, fmt.Sprintf("\tletter %d that is expected, to %v: %d of\n%s", i+1, want.To, n, strings.Join(near, "\n")))
		}
	}
	if len(bad) > 0 {
		bad = append(bad, fmt.Sprintf("\tletters of this step: %v", letters))
	}
	for _, l := range letters {
		// The digest of a morning and the checkpoint of a day come of themselves.
		if s.Only && !claimed[l] && l.template != "morning" && l.template != "checkpoint" {
			bad = append(bad, fmt.Sprintf("\tnot expected: %v", l))
		}
	}
	return bad
}

func (p *play) filled(w storyLetter) storyLetter {
	w.Contains, w.Lacks, w.HTMLContains = p.fillAll(w.Contains), p.fillAll(w.Lacks), p.fillAll(w.HTMLContains)
	w.SubjectContains, w.SubjectLacks = p.fillAll(w.SubjectContains), p.fillAll(w.SubjectLacks)
	return w
}

// isOf reports whether a letter is of the kind, and to whom it is expected to go.
func (w *storyLetter) isOf(l *storyReceived) bool {
	return (w.Template == "" || w.Template == l.template) && (w.To == nil ||
		slices.ContainsFunc(storyPeople(w.To), func(a string) bool { return strings.EqualFold(a, l.to) }))
}

// missing says what of an expectation a letter lacks.
func (w *storyLetter) missing(l *storyReceived) (missing []string) {
	text, subject, page := storyWords(l.text), storyWords(l.subject), storyWords(l.page)
	need := func(words []string, in, where string) {
		for _, word := range words {
			if !strings.Contains(in, storyWords(word)) {
				missing = append(missing, fmt.Sprintf("no %q in its %s", word, where))
			}
		}
	}
	need(w.Contains, text, "text")
	need(w.HTMLContains, page, "HTML")
	need(w.SubjectContains, subject, "subject")
	for _, word := range w.Lacks {
		if strings.Contains(text+"\n"+subject+"\n"+page, storyWords(word)) {
			missing = append(missing, fmt.Sprintf("%q in it", word))
		}
	}
	for _, word := range w.SubjectLacks {
		if strings.Contains(subject, storyWords(word)) {
			missing = append(missing, fmt.Sprintf("%q in its subject", word))
		}
	}
	if w.Attached != nil {
		for _, name := range *w.Attached {
			if !slices.Contains(l.files, name) {
				missing = append(missing, "no file "+name)
			}
		}
		if len(*w.Attached) == 0 && len(l.files) > 0 {
			missing = append(missing, fmt.Sprintf("files: %v", l.files))
		}
	}
	return missing
}

// expectRows says which requests or exceptions are not as expected, and which there are that must not be.
func (p *play) expectRows(kind string, rows []listed, wants []storyRow, noneFor []string) (bad []string) {
	for _, want := range wants {
		n := 0
		var all []string
		for i := range rows {
			if p.agrees(&rows[i], &want) {
				n++
			}
			all = append(all, "\t\t"+p.brief(&rows[i]))
		}
		if want.Count == nil && n == 0 || want.Count != nil && n != *want.Count {
			text, err := json.Marshal(want)
			done(p.t, err)
			bad = append(bad, fmt.Sprintf("\t%d such %ss: %s, of\n%s", n, kind, text, strings.Join(all, "\n")))
		}
	}
	for _, address := range noneFor {
		for i := range rows {
			if strings.EqualFold(rows[i].user("email"), address) {
				bad = append(bad, fmt.Sprintf("\tnot expected: %s %s", kind, p.brief(&rows[i])))
			}
		}
	}
	return bad
}

func (p *play) agrees(l *listed, want *storyRow) bool {
	if want.User != nil && !strings.EqualFold(l.user("email"), *want.User) {
		return false
	}
	for _, pair := range [][2]string{{want.State, l.State}, {want.Category, l.Category}, {want.Reason, l.Reason},
		{want.Site, l.Site.ODSCode}, {want.Name, l.user("name")}, {want.EndsOn, p.endsOn(l)}} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return want.Evidence == nil || slices.Equal(slices.Sorted(slices.Values(*want.Evidence)), l.evidence())
}
