package senderauth

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// lookup returns the form in which a domain is looked up (RFC 5891, section 5), so that case and the two ways
// of writing an international name make no difference.
var lookup = idna.New(idna.MapForLookup(), idna.StrictDomainName(true), idna.CheckHyphens(false))

// shared are domains under which anybody can have a name, to send mail in or to sign it with, and which the
// public suffix list leaves out.
var shared = map[string]bool{
	"onmicrosoft.com": true, "mail.onmicrosoft.com": true, "onmicrosoft.us": true, "onmicrosoft.de": true,
	"partner.onmschina.cn": true, "sharepoint.com": true, "sharepoint.us": true,
	"gappssmtp.com": true, "20150623.gappssmtp.com": true, "20210112.gappssmtp.com": true,
	"20221208.gappssmtp.com": true, "20230601.gappssmtp.com": true, "20251104.gappssmtp.com": true,
	"atlassian.net": true, "freshdesk.com": true, "freshservice.com": true, "myfreshworks.com": true,
	"zendesk.com": true, "helpscoutapp.com": true, "service-now.com": true, "my.salesforce.com": true,
	"hubspotemail.net": true, "amazonses.com": true, "sendgrid.net": true, "mailgun.org": true,
	"mailchimpapp.com": true, "wordpress.com": true,
}

// author is the domain of From, and which others may prove it.
type author struct {
	domain string
	// dkim and spf are the parent and sister domains whose signature or SPF proves it too.
	dkim, spf []string
}

// signedBy reports whether a signature by a domain proves the author's.
func (a author) signedBy(domain string) bool { return a.isOrHas(domain, a.dkim) }

// sentBy reports whether SPF of a domain proves the author's.
func (a author) sentBy(domain string) bool { return a.isOrHas(domain, a.spf) }

func (a author) isOrHas(domain string, others []string) bool {
	return sameDomain(domain, a.domain) ||
		slices.ContainsFunc(others, func(other string) bool { return sameDomain(domain, other) })
}

// relaxed reports relaxed alignment with the author's domain (RFC 7489, section 3.1). It is good enough only
// where a trusted server says that DMARC passed, and so that the domain's owner wants no more.
func (a author) relaxed(domain string) bool { return sameOrganisation(domain, a.domain) }

// unnamed says which of the domains of a proof is the first of the author's organisation, and so might be
// named as aligned; empty for none.
func (a author) unnamed(domains []string) string {
	for _, d := range domains {
		if a.relaxed(d) && !sameDomain(d, a.domain) {
			return "; one is of " + clip(d) + ", which is not believed to speak for " + clip(a.domain) +
				" (aligned does not name it, or the domain's policy is strict)"
		}
	}
	return ""
}

// governedBy reports whether a domain is one whose policy is the author's: it is the author's own, or the one
// above it of the same organisation (RFC 7489, section 6.6.3).
func (a author) governedBy(domain string) bool {
	own, policy := canonical(a.domain), canonical(domain)
	return sameDomain(own, policy) || (sameOrganisation(own, policy) && strings.HasSuffix(own, "."+policy))
}

// sameDomain reports strict alignment (RFC 7489, section 3.1): whether both are one domain. A public suffix
// belongs to nobody who could be a sender, so it is aligned with nothing, not even with itself.
func sameDomain(a, b string) bool { return organisation(a) != "" && canonical(a) == canonical(b) }

// sameOrganisation reports whether both domains have the same registrable domain by the public suffix list
// and the shared domains.
func sameOrganisation(a, b string) bool {
	org := organisation(a)
	return org != "" && org == organisation(b)
}

// organisation returns the registrable domain; empty if there is none.
func organisation(domain string) string {
	ascii := canonical(domain)
	if ascii == "" || shared[ascii] {
		return ""
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil {
		return ""
	}
	for name := ascii; name != org; { // the longest shared domain that it is under
		_, above, _ := strings.Cut(name, ".")
		if shared[above] {
			return name
		}
		name = above
	}
	return org
}

// canonical returns the form of a domain that is compared; empty for what is not a domain.
func canonical(domain string) string {
	ascii, err := lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		return ""
	}
	return ascii
}

// IsOrganisation reports whether a domain belongs to somebody: it is not one under which anybody can have a
// name, as co.uk and onmicrosoft.com are, nor one of a single label.
func IsOrganisation(domain string) bool { return organisation(domain) != "" }

// domainOf returns the domain of an address; of a domain, itself.
func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
