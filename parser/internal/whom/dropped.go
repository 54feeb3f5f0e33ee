package whom

import (
	"slices"

	"mfabot/parser/internal/text"
)

// Words by which a letter takes somebody back. Some do it alone, as in "ignore Sam"; others with what stands behind, as in
// "take Sam off this".
var (
	dropping = text.WordSet("scrap scrub strike drop ignore disregard forget withdraw remove cancel delete")
	taking   = text.WordSet("take leave cross keep")
	off      = text.WordSet("off out from")
	requests = text.WordSet("this that it these list request requests form again both altogether")
	between  = text.WordSet("dr mr mrs ms miss prof nurse sister out off the poor our both")
	factors  = text.WordSet("mfa multi multifactor two second authentication authenticator code codes step 2fa")
)

// drops reports whether the words before and behind a name or an address, from the closest on, take its owner back. What
// takes somebody off MFA asks for them.
func (c *candidate) drops(before, behind []string) bool {
	own := func(w string) bool { return slices.Contains(c.names, w) || between[w] }
	behind = behind[:min(len(behind), 8)]
	verb, object := slices.IndexFunc(before, func(w string) bool { return !own(w) }), 0
	if verb < 0 || slices.ContainsFunc(behind[:min(len(behind), 4)], func(w string) bool { return factors[w] }) {
		return false
	}
	if dropping[before[verb]] {
		return true
	}
	for object < len(behind) && slices.Contains(c.names, behind[object]) {
		object++
	}
	if behind = behind[object:]; !taking[before[verb]] || len(behind) == 0 || !off[behind[0]] {
		return false
	}
	return len(behind) == 1 || slices.ContainsFunc(behind[1:min(len(behind), 3)], func(w string) bool { return requests[w] })
}
