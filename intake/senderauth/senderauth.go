// Package senderauth judges whether the address in a message's From field did
// send it. Trust is configured for each mailbox; nothing is trusted by default,
// and neither Reply-To nor Sender identifies anybody.
package senderauth

import (
	"cmp"
	"context"
	"fmt"
	"strings"

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
func (j *Judge) Judge(_ context.Context, m *parser.Message, _ []byte) (intake.Verdict, error) {
	var v intake.Verdict
	note := func(check string, ok bool, result string) {
		v.Checks = append(v.Checks, intake.Check{Name: check, Passed: ok, Result: result})
		v.Authentic = v.Authentic || ok
	}
	if m.From == "" {
		note("from", false, "the message does not name exactly one author")
		return v, nil
	}
	if j.trust.AllowUnauthenticated {
		note("allow_unauthenticated", true, "From is believed without proof")
		return v, nil
	}
	if odd := oddity(m.Header); odd != "" {
		note("header", false, odd)
		return v, nil
	}
	if j.trust.AuthservID != "" {
		ok, result := j.authenticationResults(m)
		note("authserv_id", ok, result)
	}
	if j.trust.ExchangeOnline {
		ok, result := internalMail(m.Header)
		note("exchange_online", ok, result)
	}
	if !j.trust.Any() {
		note("trust", false, "nothing is trusted for this mailbox")
	}
	return v, nil
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
		id, results, err := parseResults(f.Value)
		if id != "" && !strings.EqualFold(id, j.trust.AuthservID) {
			continue
		}
		if err != nil {
			return false, "an Authentication-Results cannot be relied on: " + err.Error()
		}
		return aligned(results, m.From[strings.LastIndexByte(m.From, '@')+1:])
	}
	return false, "no Authentication-Results of " + j.trust.AuthservID + " above the hop from outside"
}

// localDelivery reports whether a Received field (RFC 5321, section 4.4) is of the
// last hop into the mailbox (RFC 2033), which comes after the server that checked
// the sender. What stands before "by" is the other side's word.
func localDelivery(received string) bool {
	received = plain(received)
	if end := strings.LastIndexByte(received, ';'); end >= 0 {
		received = received[:end]
	}
	words := blanks(strings.ToLower(received))
	for i := len(words) - 1; i >= 0 && words[i] != "by"; i-- {
		if words[i] == "with" && i+1 < len(words) {
			return strings.HasPrefix(words[i+1], "lmtp")
		}
	}
	return false
}

// aligned reports whether results prove the domain of From. A result of DMARC
// (RFC 7489) is the domain owner's own policy, and so it alone decides where there
// is one; else DKIM or SPF must have passed for a domain of the same organisation.
func aligned(results []result, from string) (bool, string) {
	var dmarc []result
	for _, r := range results {
		if r.method == "dmarc" {
			dmarc = append(dmarc, r)
		}
	}
	if len(dmarc) > 1 {
		return false, "there are several results of DMARC"
	}
	if len(dmarc) == 1 {
		domain := dmarc[0].props["header.from"]
		return dmarc[0].value == "pass" && sameOrganisation(domain, from), fmt.Sprintf("dmarc=%s for %s", dmarc[0].value, domain)
	}
	var said []string
	for _, r := range results {
		var domain string
		switch r.method {
		case "dkim":
			domain = cmp.Or(r.props["header.d"], r.props["header.i"])
		case "spf":
			domain = r.props["smtp.mailfrom"]
		default:
			continue
		}
		domain = domain[strings.LastIndexByte(domain, '@')+1:]
		said = append(said, fmt.Sprintf("%s=%s for %s", r.method, r.value, domain))
		if r.value == "pass" && sameOrganisation(domain, from) {
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
