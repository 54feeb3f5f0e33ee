package main

import (
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
)

// ownAddresses are those at which mail comes in to us: the service's, and the
// users of the watched mailboxes. Nobody else may have one of them: what we
// wrote to that person would come back to us, and be taken for theirs.
type ownAddresses map[string]ownAddress

type ownAddress struct {
	what string // in words, with the key that says so
	site string // an ODS code, where it is that site's own mailbox
}

// find looks for an address, with and without its plus-part: what is sent to
// mfa+x@example.org lies in the mailbox of mfa@example.org where servers know of that.
func (o ownAddresses) find(addr string) (own ownAddress, found bool) {
	if own, found = o[addr]; found {
		return own, true
	}
	at := max(strings.LastIndexByte(addr, '@'), 0)
	local, _, _ := strings.Cut(addr[:at], "+")
	own, found = o[local+addr[at:]]
	return own, found
}

// own collects our own addresses. The operator has another: an alert that comes in
// again could be the reason for the next. So has the auditor.
func (l *loader) own(s *settings) ownAddresses {
	own := make(ownAddresses)
	for i, m := range s.Mailboxes {
		if intake.IsAddress(m.Username) {
			own[intake.Canonical(m.Username)] = ownAddress{what: fmt.Sprintf("the user of the watched mailbox %q (mailbox[%d].url)", m.Name, i), site: m.Site}
		}
	}
	if s.Service.Address != "" {
		own[s.Service.Address] = ownAddress{what: "the service's own address (service.address)"}
	}
	if o, found := own.find(s.Service.Operator); found {
		l.Bad("service.operator", "%s is %s, where alerts would come in as mail to answer: expected another address", s.Service.Operator, o.what)
	}
	if o, found := own.find(s.Service.Auditor); found {
		l.Bad("service.auditor", "%s is %s: expected an address at which the checkpoints of the audit are kept apart from the bot", s.Service.Auditor, o.what)
	}
	return own
}

func (l *loader) reviewers(own ownAddresses) intake.Reviewers {
	var out intake.Reviewers
	taken := make(map[string]bool)
	for i, r := range l.raw.Reviewer {
		key := fmt.Sprintf("reviewer[%d]", i)
		rev := intake.Reviewer{Address: l.reviewerAddress(key+".address", r.Address, own), Name: strings.TrimSpace(r.Name)}
		if rev.Name == "" {
			l.Bad(key+".name", "expected the reviewer's name")
		}
		for _, a := range r.Aliases {
			rev.Aliases = append(rev.Aliases, l.reviewerAddress(key+".aliases", a, own))
		}
		if r.Deputy != "" {
			rev.Deputy = l.reviewerAddress(key+".deputy", r.Deputy, own)
			if rev.Deputy == rev.Address || slices.Contains(rev.Aliases, rev.Deputy) {
				l.Bad(key+".deputy", "%s is the reviewer's own address: expected somebody else's", rev.Deputy)
			}
		}
		for _, a := range append([]string{rev.Address}, rev.Aliases...) {
			if taken[a] {
				l.Bad(key+".address", "%s is given to a reviewer already: expected an address of this reviewer alone", a)
			}
			taken[a] = true
		}
		out = append(out, rev)
	}
	if len(out) == 0 {
		l.Bad("reviewer", "expected at least one [[reviewer]]")
	}
	return withDeputies(out)
}

// withDeputies adds the deputies who are no reviewers. The configuration knows no
// name of theirs.
func withDeputies(reviewers intake.Reviewers) intake.Reviewers {
	for _, r := range reviewers {
		if _, known := reviewers.ByAddress(r.Deputy); !known && r.Deputy != "" {
			reviewers = append(reviewers, intake.Reviewer{Address: r.Deputy, Name: r.Deputy, Standby: true})
		}
	}
	return reviewers
}

// reviewerAddress is an address to which review emails may go.
func (l *loader) reviewerAddress(key, addr string, own ownAddresses) string {
	addr = l.address(key, addr)
	if o, found := own.find(addr); found {
		l.Bad(key, "%s is %s: expected a person's own, where no review email comes back to the bot", addr, o.what)
	}
	return addr
}
