package senderauth

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// lookup returns the form in which a domain is looked up (RFC 5891, section 5), so that case and the two ways
// of writing an international name make no difference.
var lookup = idna.New(idna.MapForLookup(), idna.StrictDomainName(true), idna.CheckHyphens(false))

// sameOrganisation reports relaxed alignment (RFC 7489, section 3.1): whether both domains have the same
// registrable domain by the public suffix list. A public suffix itself belongs to nobody who could be a
// sender, so it is aligned with nothing, not even with itself.
func sameOrganisation(a, b string) bool {
	org := organisation(a)
	return org != "" && org == organisation(b)
}

// organisation returns the registrable domain; empty if there is none.
func organisation(domain string) string {
	ascii, err := lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		return ""
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil {
		return ""
	}
	return org
}

// domainOf returns the domain of an address; of a domain, itself.
func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
