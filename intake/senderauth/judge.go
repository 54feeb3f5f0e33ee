// Package senderauth judges whether the address in From really sent a message. What to trust is configured
// for each mailbox; nothing is trusted by default, and neither Reply-To nor Sender identifies anybody.
package senderauth

import (
	"context"
	"errors"
	"net"
	"time"

	"mfabot/intake"
	"mfabot/parser"
)

// Trust is what the operator trusts of a mailbox's mail.
type Trust struct {
	// AuthservID is the authserv-id (RFC 8601, section 2.2) of the server that receives for the mailbox from
	// outside, whose Authentication-Results are believed where it writes them above its own Received field.
	// Where the message passed another hop by SMTP after that, as from a gateway to the store or through a
	// content filter, they are not: the name by which a hop says where it came from is the sender's to
	// choose, and programs on the server itself can send mail too.
	AuthservID string
	// ExchangeOnline believes the Authentication-Results of Exchange Online, which name no server, and the
	// mark by which it tells mail from inside the tenant; its edge removes that mark from outside mail.
	ExchangeOnline bool
	// TenantDomains are the accepted domains of the tenant: the mark proves an author of one of them, and
	// nobody else, whom people in the tenant could name as well.
	TenantDomains []string
	// DKIM verifies signatures (RFC 6376) here, with keys from DNS.
	DKIM bool
	// Aligned are parent and sister domains whose DKIM and SPF prove an author too, within one organisation.
	// Where a trusted server says that DMARC passed, the owner of the domain has said what does.
	Aligned []string
	// AllowUnauthenticated believes From, for demonstrations and tests.
	AllowUnauthenticated bool
}

// Any reports whether anything is trusted.
func (t Trust) Any() bool {
	return t.AuthservID != "" || t.ExchangeOnline || t.DKIM || t.AllowUnauthenticated
}

// Resolver looks up the TXT records of a domain name, each joined from its strings. If there are none, the
// error is a *net.DNSError with IsNotFound; any other error is taken as temporary. *net.Resolver is a
// Resolver.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Judge judges the senders of one mailbox. It is safe for concurrent use.
type Judge struct {
	trust    Trust
	resolver Resolver
}

// New returns the judge of a mailbox. The resolver is used if DKIM is trusted or other domains are aligned;
// nil means net.DefaultResolver.
func New(t Trust, r Resolver) *Judge {
	if r == nil {
		r = net.DefaultResolver
	}
	return &Judge{trust: t, resolver: r}
}

// Judge judges whether the author of m is proven; raw are the bytes of m. It returns one Check for each
// method it considered.
//
// A message without exactly one author is never authentic, nor is one with a field twice that there is once.
// Else one proof suffices: an Authentication-Results of the trusted server in which DMARC passed, or DKIM or
// SPF for the very domain of From or one that is aligned with it; the mark of mail from inside the Exchange
// Online tenant, for its own domains; or a signature for that domain verified here. A trusted server's
// dmarc=fail, or results of it that cannot be read or contradict each other, is final: nothing else proves the
// sender then.
//
// Verdict.Uncovered and Missing name what a proof by signature does not cover: fields that the message has, or
// lacks, and the signature does not list. A proof by SPF or by the tenant's mark covers
// the whole message, and is of this delivery: it has no date.
//
// The error means that a key could not be looked up for now and nothing else decides; it names the key. The
// caller should bring such a message again, but not without end: a sender may own a name server that never
// answers. Judge looks up at most 7 names, of From's organisation only, in at most 15 seconds. It does no
// other I/O, and bounds what it shows of a stranger's text.
func (j *Judge) Judge(ctx context.Context, m *parser.Message, raw []byte) (intake.Verdict, error) {
	var v intake.Verdict
	var best finding
	var proof intake.Proof
	var vetoed bool
	note := func(by intake.Proof, check string, f finding) {
		v.Checks = append(v.Checks, intake.Check{Name: check, Passed: f.proves, Result: f.why})
		vetoed = vetoed || f.vetoes
		if f.proves && (!best.proves || f.better(best)) {
			best, proof = f, by
		}
		v.Authentic = best.proves && !vetoed
		v.Proof, v.Uncovered, v.Missing, v.BySignature, v.SignedAt = "", nil, nil, false, time.Time{}
		if v.Authentic {
			v.Proof, v.Uncovered, v.Missing, v.BySignature, v.SignedAt = proof, best.uncovered, best.missing, best.signed, best.signedAt
		}
	}
	if m.From == "" {
		note("", "from", finding{why: "the message does not name exactly one author"})
		return v, nil
	}
	if j.trust.AllowUnauthenticated {
		note(intake.ProofNone, "allow_unauthenticated", finding{proves: true, why: "From is believed without proof"})
		return v, nil
	}
	if m.HeaderCut {
		note("", "header", finding{why: "the header is longer than is read: what was left out may be another From"})
		return v, nil
	}
	if odd := oddity(m.Header); odd != "" {
		note("", "header", finding{why: odd})
		return v, nil
	}
	a, err := j.authorOf(ctx, domainOf(m.From))
	if j.trust.AuthservID != "" {
		f := serverResults(m, a, j.trust.AuthservID)
		note(intake.ProofServer, "authserv_id", f)
		v.Silent = f.silent
	}
	if j.trust.ExchangeOnline {
		f := exchangeOnline(m, a, j.trust.TenantDomains)
		note(intake.ProofExchange, "exchange_online", f)
		v.Silent = f.silent && (v.Silent || j.trust.AuthservID == "")
	}
	if j.trust.DKIM && !vetoed && !best.covers() {
		f, unsure := j.signature(ctx, m, raw, a)
		err = errors.Join(err, unsure)
		note(intake.ProofSignature, "dkim", f)
	}
	if best.proves || vetoed {
		err = nil
	}
	if !j.trust.Any() {
		note("", "trust", finding{why: "nothing is trusted for this mailbox: set authserv_id, exchange_online or dkim"})
	}
	return v, err
}
