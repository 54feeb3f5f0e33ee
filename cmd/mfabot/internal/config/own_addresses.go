package config

import (
	"fmt"
	"strings"

	"mfabot/intake"
)

// ownAddresses are those at which mail reaches the bot: the service's, and the users of the watched
// mailboxes. Nobody else may have one of them: what the bot wrote to that person would come back to it, and
// be taken for theirs.
type ownAddresses map[string]ownAddress

// ownAddress says what an address is the bot's own for.
type ownAddress struct {
	what string // in words, with the key that says so
	site string // an ODS code, if it is that site's own mailbox
}

// find looks for an address, with and without its plus part: many servers deliver mail to mfa+x@example.org
// into the mailbox of mfa@example.org.
func (o ownAddresses) find(addr string) (own ownAddress, found bool) {
	if own, found = o[addr]; found {
		return own, true
	}
	at := max(strings.LastIndexByte(addr, '@'), 0)
	local, _, _ := strings.Cut(addr[:at], "+")
	own, found = o[local+addr[at:]]
	return own, found
}

// own collects the bot's own addresses. The operator must have another, or an alert would come in again and
// could cause the next. So must the auditor, and the owner.
func (l *loader) own(s *Settings) ownAddresses {
	own := make(ownAddresses)
	for i, m := range s.Mailboxes {
		if intake.IsAddress(m.Username) {
			what := fmt.Sprintf("the user of the watched mailbox %q (mailbox[%d].url)", m.Name, i)
			own[intake.Canonical(m.Username)] = ownAddress{what: what, site: m.Site}
		}
	}
	if s.Service.Address != "" {
		own[s.Service.Address] = ownAddress{what: "the service's own address (service.address)"}
	}
	if o, found := own.find(s.Service.Operator); found {
		l.Bad("service.operator", "%s is %s, where alerts would come in as mail to answer: expected another address",
			s.Service.Operator, o.what)
	}
	if o, found := own.find(s.Service.Auditor); found {
		l.Bad("service.auditor", "%s is %s: expected an address at which the checkpoints of the audit are kept apart from the bot",
			s.Service.Auditor, o.what)
	}
	if o, found := own.find(s.Service.Owner); found {
		l.Bad("service.owner", "%s is %s: expected the address of a person who reads the monthly numbers", s.Service.Owner, o.what)
	}
	return own
}
