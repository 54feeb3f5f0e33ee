// Package senderauth judges whether the address in a message's From field did
// send it. Trust is configured for each mailbox; nothing is trusted by default,
// and neither Reply-To nor Sender identifies anybody.
package senderauth

import (
	"context"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/authres"
	"golang.org/x/net/publicsuffix"

	"mfabot/intake"
	"mfabot/parser"
)

// Trust is what a mailbox's operator vouches for.
type Trust struct {
	// AuthservID is the authserv-id (RFC 8601, section 2.2) of the server that
	// delivers to the mailbox, whose Authentication-Results are believed.
	AuthservID string
	// ExchangeOnline believes the mark by which Exchange Online tells mail from
	// inside the tenant; its edge removes that mark from outside mail.
	ExchangeOnline bool
	// AllowUnauthenticated believes From, for demonstrations and tests.
	AllowUnauthenticated bool
}

// Any reports whether anything is trusted.
func (t Trust) Any() bool { return t.AuthservID != "" || t.ExchangeOnline || t.AllowUnauthenticated }

// Judge judges the senders of one mailbox. It does no I/O.
type Judge struct {
	trust Trust
}

// New returns the judge of a mailbox.
func New(t Trust) *Judge { return &Judge{trust: t} }

// Judge says whether the author of m is proven, and how each check came out. A
// message without exactly one author is never authentic.
func (j *Judge) Judge(_ context.Context, m *parser.Message, _ []byte) intake.Verdict {
	var v intake.Verdict
	note := func(check string, ok bool, result string) {
		v.Checks = append(v.Checks, check+": "+result)
		v.Authentic = v.Authentic || ok
	}
	if m.From == "" {
		note("from", false, "the message does not name exactly one author")
		return v
	}
	if j.trust.AuthservID != "" {
		ok, result := j.authenticationResults(m)
		note("authserv_id", ok, result)
	}
	if j.trust.ExchangeOnline {
		ok, result := internalMail(m.Header)
		note("exchange_online", ok, result)
	}
	if j.trust.AllowUnauthenticated {
		note("allow_unauthenticated", true, "From is believed without proof")
	}
	if !j.trust.Any() {
		note("trust", false, "nothing is trusted for this mailbox")
	}
	return v
}

// internalMail looks for the mark of mail that never left the tenant.
func internalMail(header []parser.Field) (bool, string) {
	var marks []string
	for _, f := range header {
		if strings.EqualFold(f.Name, "X-MS-Exchange-Organization-AuthAs") {
			marks = append(marks, strings.TrimSpace(f.Value))
		}
	}
	if len(marks) != 1 {
		return false, fmt.Sprintf("%d marks X-MS-Exchange-Organization-AuthAs, expected one", len(marks))
	}
	return strings.EqualFold(marks[0], "Internal"), "X-MS-Exchange-Organization-AuthAs is " + marks[0]
}

// authenticationResults looks at the topmost field of the configured server
// above the hop by which the message came in from outside: what stands lower
// down, the sender may have written.
func (j *Judge) authenticationResults(m *parser.Message) (bool, string) {
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, "Received") && !localDelivery(f.Value) {
			break
		}
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		id, results, err := authres.Parse(plain(f.Value))
		if !strings.EqualFold(id, j.trust.AuthservID) {
			continue
		}
		if err != nil {
			return false, "its Authentication-Results cannot be read: " + err.Error()
		}
		return aligned(results, m.From[strings.LastIndexByte(m.From, '@')+1:])
	}
	return false, "no Authentication-Results of " + j.trust.AuthservID + " above the hop from outside"
}

// localDelivery reports whether a Received field is of the last hop into the
// mailbox (RFC 2033), which comes after the server that checked the sender.
func localDelivery(received string) bool {
	words := strings.Fields(strings.ToLower(plain(received)))
	for i, w := range words[:max(len(words)-1, 0)] {
		if w == "with" {
			return strings.HasPrefix(words[i+1], "lmtp")
		}
	}
	return false
}

// aligned reports whether results prove the domain of From: DMARC passed for it
// (RFC 7489), or DKIM or SPF for a domain of the same organisation.
func aligned(results []authres.Result, from string) (bool, string) {
	var said []string
	for _, r := range results {
		var method, domain string
		var value authres.ResultValue
		switch r := r.(type) {
		case *authres.DMARCResult:
			method, value, domain = "dmarc", r.Value, r.From
		case *authres.DKIMResult:
			method, value, domain = "dkim", r.Value, r.Domain
		case *authres.SPFResult:
			method, value, domain = "spf", r.Value, r.From[strings.LastIndexByte(r.From, '@')+1:]
		default:
			continue
		}
		said = append(said, fmt.Sprintf("%s=%s for %s", method, value, domain))
		if value == authres.ResultPass && sameOrganisation(domain, from) {
			return true, said[len(said)-1]
		}
	}
	return false, strings.Join(append(said, "nothing passed for "+from), ", ")
}

// sameOrganisation is relaxed alignment (RFC 7489, section 3.1): the domains
// have the same registrable domain by the public suffix list.
func sameOrganisation(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(strings.TrimSuffix(b, "."))
	if a == b {
		return a != ""
	}
	orgA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	orgB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && orgA == orgB
}

// plain removes the comments of a structured field (RFC 5322, section 3.2.2) and
// makes each quoted string one harmless word, since both may hold a stranger's
// text.
func plain(value string) string {
	var out strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
			out.WriteByte('_')
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			out.WriteByte(' ')
		case depth == 0:
			out.WriteByte(c)
		}
	}
	return out.String()
}
