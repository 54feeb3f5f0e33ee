package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/parser"
)

// Request asks for a long-term exception: one user, one reason, its evidence and its state.
type Request struct {
	Ref           string
	State         State
	Version       int64 // incremented by every change; guards against lost updates
	User          User
	SiteCode      string   // ODS code
	SiteAddress   string   // where the site's letters go
	Reason        string   // an ID of the policy; empty when unclear
	ReasonWords   []string // that decided for the reason, of the message that is being read; they are not stored
	Justification string
	AuthMethod    string   // registered: yes, no, unknown
	RequestedBy   string   // the mailbox that asked
	Senders       []string // everybody else who wrote for it, or is said to have (Sender), which is not proven
	Writer        Writer   // who wrote it first, as their email says
	Barred        []string // who must not decide: its proven authors, and the site's people as they were; empty in old requests
	ReceivedAt    time.Time
	WaitingSince  time.Time // since when it has waited for whoever must act next
	LapsesAt      time.Time // unless somebody answers first; zero for never
	Renews        string    // the exception that it would renew; empty for none
	Corrects      string    // the exception that was given to the wrong address, and ends when this is approved; empty for none
	Digest        string    // of what reviewers decide on; a code is valid for one digest
	InboundID     int64     // the message that began it
	PurgedAt      time.Time // when its personal data was deleted; zero while it is kept
	Evidence      []Evidence
}

// Writer is who an email says wrote it, which proves nothing, and how its sender was proven.
type Writer struct {
	Sender    string `json:"sender,omitempty"` // of the field Sender
	Name      string `json:"name,omitempty"`   // this and the rest are the signature's
	Role      string `json:"role,omitempty"`
	Telephone string `json:"telephone,omitempty"`
	Proof     Proof  `json:"proof,omitempty"`
}

// WriterOf returns who wrote a message, as it says.
func WriterOf(m *parser.Message, v Verdict) Writer {
	w := Writer{Sender: Canonical(m.Sender), Proof: v.Proof}
	if m.Signer != nil {
		w.Name, w.Role, w.Telephone = m.Signer.Name, m.Signer.Role, m.Signer.Telephone
	}
	return w
}

// masked returns it with the codes hidden.
func (w Writer) masked() Writer {
	w.Name, w.Role, w.Telephone = MaskCodes(w.Name), MaskCodes(w.Role), MaskCodes(w.Telephone)
	return w
}

// Evidence is an attachment of a stored message.
type Evidence struct {
	InboundID    int64
	Part         string // position in the message
	Filename     string
	MediaType    string
	DeclaredType string
	Size         int64 // bytes
	SHA256       string
	Counts       bool
	Why          string // why it counts or does not, in words to act on
	Purged       bool   // the file has been deleted
}

// Counting returns the evidence that counts and is still kept.
func (r *Request) Counting() []Evidence {
	return slices.DeleteFunc(slices.Clone(r.Evidence), func(e Evidence) bool { return !e.Counts || e.Purged })
}

// HasFile reports whether a file with this SHA-256 counts as evidence.
func (r *Request) HasFile(sha256 string) bool {
	return slices.ContainsFunc(r.Evidence, func(e Evidence) bool { return e.Counts && e.SHA256 == sha256 })
}

// Bring adds evidence to the request, and returns what was added, as it counts there: a file that is sent again counts
// once, and a part of a message that the request has already is left as it is.
func (r *Request) Bring(evidence []Evidence) []Evidence {
	known := len(r.Evidence)
	for _, e := range evidence {
		if slices.ContainsFunc(r.Evidence, func(k Evidence) bool { return k.InboundID == e.InboundID && k.Part == e.Part }) {
			continue
		}
		if e.Counts && slices.ContainsFunc(r.Counting(), func(k Evidence) bool { return k.SHA256 == e.SHA256 }) {
			e.Counts, e.Why = false, "It is the same file as another one, and counts once."
		}
		r.Evidence = append(r.Evidence, e)
	}
	return slices.Clone(r.Evidence[known:])
}

// Wrote adds to those who wrote for the request, and reports whether anybody was new.
func (r *Request) Wrote(addrs ...string) bool {
	known := len(r.Senders)
	for _, addr := range addrs {
		if addr != "" && addr != r.RequestedBy && !slices.Contains(r.Senders, addr) {
			r.Senders = append(r.Senders, addr)
		}
	}
	return len(r.Senders) > known
}

// Bar keeps those who must not decide with the request: the author of a message, who is proven, and the people
// of the site. It reports whether anybody was new.
func (r *Request) Bar(author string, site *Site) bool {
	known := len(r.Barred)
	if known == 0 && r.Version > 0 { // stored by a version that barred these without keeping them
		r.Barred = slices.Clone(r.Senders)
	}
	for _, addr := range append(site.People(), author) {
		if !slices.Contains(r.Barred, addr) {
			r.Barred = append(r.Barred, addr)
		}
	}
	return len(r.Barred) > known
}

// missing lists what reviewers need and the request lacks, apart from evidence.
func (r *Request) missing() []string {
	var m []string
	if r.User.Email == "" {
		m = append(m, "user")
	}
	if r.Reason == "" {
		m = append(m, "reason")
	}
	return m
}

// digest covers everything that a reviewer decides on.
func (r *Request) digest() string {
	lines := []string{r.Ref, r.User.Email, r.Reason, r.Justification}
	for _, e := range r.Counting() {
		lines = append(lines, e.SHA256)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Changes lists what differs from was, of what reviewers decide on: user, reason, details, evidence.
func (r *Request) Changes(was *Request) []string {
	var out []string
	for _, c := range []struct {
		what    string
		changed bool
	}{
		{"user", r.User != was.User},
		{"reason", r.Reason != was.Reason},
		{"details", r.Justification != was.Justification},
		{"evidence", !slices.Equal(r.Counting(), was.Counting())},
	} {
		if c.changed {
			out = append(out, c.what)
		}
	}
	return out
}

// Merge fills in what the request lacks from a later message of its site, and adds that message's
// justification.
func (r *Request) Merge(m *parser.Message, user User, policy *Policy) {
	if r.User.Email == "" {
		r.User = user
	}
	if _, known := policy.LongTerm.Reason(m.Reason); known && r.Reason == "" {
		r.Reason, r.ReasonWords = m.Reason, m.ReasonWords
	}
	if r.AuthMethod == "" || r.AuthMethod == "unknown" {
		r.AuthMethod = m.AuthMethodRegistered
	}
	if m.Justification != "" && !strings.Contains(r.Justification, m.Justification) {
		r.Justification = strings.TrimSpace(r.Justification + "\n\n" + m.Justification)
	}
}

// TakeApart takes over what a form for several users says about this request's user.
func (r *Request) TakeApart(m *parser.Message, policy *Policy) {
	for _, p := range m.Subjects {
		if UserKey(p.Email) != UserKey(r.User.Email) || p.AuthMethodRegistered == "" {
			continue
		}
		r.ReasonWords = nil
		r.Reason, r.Justification, r.AuthMethod = "", p.Justification, p.AuthMethodRegistered
		if _, known := policy.LongTerm.Reason(p.Reason); known {
			r.Reason = p.Reason
		}
	}
}

// Completeness returns the event for a request as it stands: complete, unclear or without evidence.
func (s *Service) Completeness(req *Request) Event {
	switch {
	case len(req.missing()) > 0:
		return EventUnclear
	case s.Policy.LongTerm.EvidenceRequired && len(req.Counting()) == 0:
		return EventNoEvidence
	default:
		return EventComplete
	}
}

// Advance applies an event to a request in memory. It returns ErrNotNow if the event does not fit the
// request's state.
func (s *Service) Advance(req *Request, now time.Time, on Event) error {
	to, err := Next(req.State, on)
	if err != nil {
		return err
	}
	if on != EventApproval { // one of several: it has been waiting since before
		req.WaitingSince = now
	}
	req.State, req.LapsesAt = to, time.Time{}
	if to.WaitsForSite() {
		req.LapsesAt = now.Add(s.Policy.LapseAfter)
	}
	req.Digest = req.digest()
	return nil
}

// Restrict stops the files that the policy does not accept from counting as evidence, and says why.
func (p *Policy) Restrict(m *parser.Message) {
	for i := range m.Evidence {
		a := &m.Evidence[i]
		switch {
		case !a.Counts:
		case a.Size > p.MaxEvidence:
			a.Counts, a.Why = false, fmt.Sprintf("The file is larger than %d MB, which is not accepted: send a smaller copy.",
				p.MaxEvidence>>20)
		case !slices.ContainsFunc(p.EvidenceTypes, func(t string) bool { return matchesType(a.MediaType, t) }):
			a.Counts, a.Why = false, "Files of this kind are not accepted: send the document as PDF."
			restrictAround(m.Evidence, a)
		}
	}
}

// restrictAround stops what has the file in it from counting: an attached email, an archive.
func restrictAround(all []parser.Attachment, inner *parser.Attachment) {
	for i := range all {
		if outer := &all[i]; outer.Counts && strings.HasPrefix(inner.Part, outer.Part+".") {
			outer.Counts, outer.Why = false, "A file in it is not accepted ("+inner.Filename+"): attach the documents themselves."
		}
	}
}

// matchesType reports whether a media type is the accepted one, or in a family such as image/*.
func matchesType(media, accepted string) bool {
	if family, all := strings.CutSuffix(accepted, "*"); all {
		return strings.HasPrefix(media, family)
	}
	return media == accepted
}

// DecidedBy names a reason, and the words of a site that decided for it: "accessibility, from “hands shake”".
func DecidedBy(reason string, words []string) string {
	if reason == "" || len(words) == 0 {
		return reason
	}
	return reason + ", from “" + strings.Join(words, "”, “") + "”"
}
