package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/cmd/mfabot/internal/shadow"
	"mfabot/intake"
	"mfabot/parser"
)

// shadowView is a message, and what run would have done about it. Without an ID it is letters that are about no message.
type shadowView struct {
	inboundView
	Says    string              `json:"says,omitempty"` // what would have become of it, in words
	Proof   *intake.Check       `json:"proof,omitempty"`
	Read    []shadowRequestView `json:"read,omitempty"` // the request, or several; or what is asked for where there is none
	Letters []shadowLetterView  `json:"letters,omitempty"`
	Checks  []intake.Check      `json:"checks,omitempty"`
}

// shadowRequestView is what was read of one request.
type shadowRequestView struct {
	Ref           string         `json:"ref,omitempty"`
	State         string         `json:"state,omitempty"`
	Subject       personView     `json:"subject,omitzero"`
	Reason        string         `json:"reason,omitempty"`
	Justification string         `json:"justification,omitempty"`
	Evidence      []evidenceView `json:"evidence,omitempty"`
}

// shadowLetterView is a letter that would have gone out.
type shadowLetterView struct {
	File     string `json:"file,omitempty"`
	To       string `json:"to"`
	Template string `json:"template"`
	Subject  string `json:"subject,omitempty"`
	Error    string `json:"error,omitempty"`
}

func viewShadow(s *config.Settings, seen shadow.Seen) shadowView {
	v := shadowView{inboundView: viewInbound(seen.Message), Checks: seen.Message.Checks, Says: shadowSays(seen)}
	v.Proof = proofIn(v.Checks)
	for _, l := range seen.Letters {
		v.Letters = append(v.Letters, shadowLetterView{File: l.File, To: l.To, Template: string(l.Template), Subject: l.Subject,
			Error: l.Error})
	}
	for _, r := range seen.Requests {
		whole := viewOfRequest(s, &r)
		v.Read = append(v.Read, shadowRequestView{Ref: r.Ref, State: whole.State, Subject: whole.Subject, Reason: r.Reason,
			Justification: r.Justification, Evidence: viewEvidence(r.Evidence)})
	}
	if m := seen.Read; len(v.Read) == 0 && m != nil && seen.Message.Outcome != intake.OutcomeIgnored {
		v.Read = shadowReading(m)
	}
	return v
}

// shadowReading is what the parser reads in a message that is no request; nil where that is nothing.
func shadowReading(m *parser.Message) (out []shadowRequestView) {
	var files []evidenceView
	for _, e := range m.Evidence {
		files = append(files, evidenceView{Filename: e.Filename, MediaType: e.MediaType, DeclaredType: e.DeclaredType, Size: e.Size,
			SHA256: e.SHA256, Counts: e.Counts, Why: e.Why})
	}
	people := m.Subjects
	if len(people) == 0 && (m.Reason != "" || slices.ContainsFunc(files, func(e evidenceView) bool { return e.Counts })) {
		people = []parser.Person{{}}
	}
	for _, p := range people {
		out = append(out, shadowRequestView{Subject: personView{p.Email, intake.MaskCodes(p.Name)}, Reason: cmp.Or(p.Reason, m.Reason),
			Justification: intake.MaskCodes(cmp.Or(p.Justification, m.Justification)), Evidence: files})
	}
	return out
}

// shadowSays is what would have become of a message, in words: of a request, whom it waits for.
func shadowSays(seen shadow.Seen) string {
	m := seen.Message
	if m.Outcome != intake.OutcomeRequest && m.Outcome != intake.OutcomeRenewal || len(seen.Requests) == 0 {
		if m.Reason == "" {
			return string(m.Outcome)
		}
		return fmt.Sprintf("%s (%s)", m.Outcome, m.Reason)
	}
	var says []string
	for _, r := range seen.Requests {
		says = append(says, awaited(r.State))
	}
	slices.Sort(says)
	return strings.Join(slices.Compact(says), "; ")
}

// awaited is whom a request waits for that was just taken in.
func awaited(s intake.State) string {
	//exhaustive:ignore
	switch s { // a request that was just taken in has no other
	case intake.Pending:
		return "waits for a decision"
	case intake.Incomplete:
		return "the site is asked"
	case intake.Rejected:
		return "rejected, no evidence"
	}
	return string(s)
}

// proofIn is the check that proves the sender, or else those that do not; nil where none was made.
func proofIn(checks []intake.Check) *intake.Check {
	var failed *intake.Check
	for _, c := range checks {
		switch {
		case !isOfProof(c):
		case c.Passed:
			return &c
		case failed == nil:
			failed = &c
		default:
			failed.Name, failed.Result = failed.Name+", "+c.Name, failed.Result+"; "+c.Result
		}
	}
	return failed
}

// isOfProof reports whether a check is whether the sender is proven.
func isOfProof(c intake.Check) bool {
	return slices.Contains([]string{"from", "header", "allow_unauthenticated", "authserv_id", "exchange_online", "dkim", "trust"}, c.Name)
}

// came is when it came, in the policy's time zone.
func (v shadowView) came(s *config.Settings) string {
	return v.ReceivedAt.In(s.Policy.Zone).Format("2 Jan 15:04")
}

// shadowWidth is how wide the lines about a message are, and shadowColumns what stands before their text.
const (
	shadowWidth   = 80
	shadowColumns = 14
)

// print prints it for people.
func (v shadowView) print(w io.Writer, s *config.Settings) {
	line := func(name, text string) {
		for _, part := range layout.Wrapped(printable(text), shadowWidth-shadowColumns) {
			fmt.Fprintf(w, "    %-*s%s\n", shadowColumns-4, name, part)
			name = ""
		}
	}
	if v.ID > 0 {
		fmt.Fprintf(w, "\n%d. %s, from %s\n", v.ID, moment(s, v.ReceivedAt), printable(orDash(v.From)))
		line("subject", v.Subject)
		line("outcome", v.Says)
		line("reference", v.Ref)
	} else {
		fmt.Fprintln(w, "\nAbout no message")
	}
	for _, r := range v.Read {
		line("user", orDash(strings.TrimSpace(r.Subject.Name+" "+r.Subject.Email)))
		line("reason", orDash(r.Reason))
		for _, e := range r.Evidence {
			says := "counts"
			if !e.Counts {
				says = "does not count: " + e.Why
			}
			line("evidence", e.Filename+" "+says)
		}
	}
	if v.Proof != nil {
		line("proof", fmt.Sprintf("%s (%s: %s)", map[bool]string{true: "yes", false: "none"}[v.Proof.Passed], v.Proof.Name, v.Proof.Result))
	}
	for _, c := range v.Checks {
		if !c.Passed && !isOfProof(c) && c.Name != "evidence" { // which stand above
			line("why", c.Name+": "+c.Result)
		}
	}
	for _, l := range v.Letters {
		line("letter", fmt.Sprintf("to %s: %s", l.To, cmp.Or(l.Subject, "it cannot be written: "+l.Error)))
		if l.File != "" {
			line("", l.File)
		}
	}
}
