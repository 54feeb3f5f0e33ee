package notify

import (
	"slices"
	"strings"

	"mfabot/intake"
)

// Trial is a time in which everything is done, and letters reach few: those to others go to the operator instead, and say
// so.
type Trial struct {
	Only []string // canonical addresses, and *@domains
}

// keptFrom returns the address that a letter is to where the operator gets it instead; empty for any other.
func (t *Trial) keptFrom(to, operator string) string {
	if t == nil {
		return ""
	}
	address := intake.Canonical(to)
	_, domain, _ := strings.Cut(address, "@")
	if address == intake.Canonical(operator) || slices.Contains(t.Only, address) || slices.Contains(t.Only, "*@"+domain) {
		return ""
	}
	return to
}
