package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// listed is a line of a listing.
type listed struct {
	ID         int64           `json:"id"`
	UID        uint32          `json:"uid"`
	Ref        string          `json:"ref"`
	State      string          `json:"state"`
	Category   string          `json:"category"`
	Reason     string          `json:"reason"`
	Outcome    string          `json:"outcome"`
	Template   string          `json:"template"`
	MessageID  string          `json:"message_id"`
	Subject    json.RawMessage `json:"subject"` // the user of a request or an exception; else text
	To         []string        `json:"to"`
	ReceivedAt string          `json:"received_at"`
	StartsAt   string          `json:"starts_at"`
	EndsAt     string          `json:"ends_at"`
	DueAt      string          `json:"due_at"`
	LastError  string          `json:"last_error"`
	Site       struct {
		ODSCode string `json:"ods_code"`
	} `json:"site"`
	Evidence []struct {
		Filename string `json:"filename"`
		Counts   bool   `json:"counts"`
	} `json:"evidence"`
}

func (p *play) listing(args ...string) []listed {
	p.t.Helper()
	status, out, errs := p.program(append(args, "--json")...)
	if status != exitOK {
		p.t.Fatalf("step %d: mfabot %q ends with %d:\n%s", p.step, args, status, errs)
	}
	var all []listed
	for line := range strings.Lines(out) {
		var l listed
		done(p.t, json.Unmarshal([]byte(line), &l))
		all = append(all, l)
	}
	return all
}

var storyRef = regexp.MustCompile(`LT-\d+-\d+`)

// requests are all that were ever made.
func (p *play) requests() []listed {
	p.t.Helper()
	var refs []string
	for _, what := range []string{"queue", "inbound", "outbound"} {
		for _, l := range p.listing(what) {
			refs = append(refs, storyRef.FindAllString(l.Ref, -1)...)
		}
	}
	slices.Sort(refs)
	var all []listed
	for _, ref := range slices.Compact(refs) {
		for _, l := range p.listing("show", ref) {
			if l.ReceivedAt != "" {
				all = append(all, l)
			}
		}
	}
	return all
}

var storyHole = regexp.MustCompile(`\{ref:([^}:]+)(?::(\d+))?\}|\{id\}`)

// fill puts references and numbers where a text leaves room for them.
func (p *play) fill(text string) string {
	return storyHole.ReplaceAllStringFunc(text, func(hole string) string {
		if hole == "{id}" {
			for _, l := range p.listing("inbound") {
				if l.UID == p.sent[len(p.sent)-1] {
					return fmt.Sprint(l.ID)
				}
			}
			return "0"
		}
		m := storyHole.FindStringSubmatch(hole)
		var found []listed
		for _, l := range append(p.requests(), p.listing("exceptions")...) {
			if strings.EqualFold(l.user("email"), m[1]) {
				found = append(found, l)
			}
		}
		slices.SortStableFunc(found, func(a, b listed) int { return strings.Compare(a.ReceivedAt+a.StartsAt, b.ReceivedAt+b.StartsAt) })
		var refs []string
		for _, l := range found {
			if !slices.Contains(refs, l.Ref) {
				refs = append(refs, l.Ref)
			}
		}
		nth := len(refs) - 1
		if m[2] != "" {
			n, err := strconv.Atoi(m[2])
			done(p.t, err)
			nth = n
		}
		if nth < 0 || nth >= len(refs) {
			p.t.Fatalf("step %d: %s: on record are %v", p.step, hole, refs)
		}
		return refs[nth]
	})
}

func (p *play) fillAll(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, p.fill(text))
	}
	return out
}
