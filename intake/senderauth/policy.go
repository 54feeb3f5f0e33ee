package senderauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// authorOf returns the author of a message by the domain of From. A domain that the operator names may prove
// it where it is of the same organisation, and where the domain's owner publishes no strict alignment for
// that method (RFC 7489, section 6.3). The error means that this could not be looked up for now: then only
// the domain itself counts.
func (j *Judge) authorOf(ctx context.Context, domain string) (author, error) {
	a := author{domain: domain}
	var others []string
	for _, named := range j.trust.Aligned {
		if sameOrganisation(named, domain) && !sameDomain(named, domain) {
			others = append(others, named)
		}
	}
	if len(others) == 0 {
		return a, nil
	}
	p, err := j.publishedBy(ctx, domain)
	if err != nil {
		return a, err
	}
	if !p.strictDKIM {
		a.dkim = others
	}
	if !p.strictSPF {
		a.spf = others
	}
	return a, nil
}

// alignment is what the owner of a domain publishes about the domains that may prove it.
type alignment struct{ strictDKIM, strictSPF bool }

// publishedBy looks up the DMARC policy of a domain: its own, or else its organisation's (RFC 7489, section
// 6.6.3). Without one, nothing is strict.
func (j *Judge) publishedBy(ctx context.Context, domain string) (alignment, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	for _, name := range []string{canonical(domain), organisation(domain)} {
		records, err := j.resolver.LookupTXT(ctx, "_dmarc."+name)
		var dns *net.DNSError
		switch {
		case errors.As(err, &dns) && dns.IsNotFound:
		case err != nil:
			return alignment{}, fmt.Errorf("the DMARC policy of %s could not be looked up: %s", clip(name), clip(err.Error()))
		}
		if p, found := policyIn(records); found {
			return p, nil
		}
	}
	return alignment{}, nil
}

// policyIn returns the policy among TXT records, where there is exactly one. One that cannot be read is taken
// as strict: its owner wanted something.
func policyIn(records []string) (p alignment, found bool) {
	n := 0
	for _, record := range records {
		version, _, _ := strings.Cut(record, ";")
		if squeeze(version) != "v=DMARC1" {
			continue
		}
		n++
		tags, err := parseTags(record)
		p.strictDKIM = err != nil || strings.EqualFold(tags["adkim"], "s")
		p.strictSPF = err != nil || strings.EqualFold(tags["aspf"], "s")
	}
	return p, n == 1
}
