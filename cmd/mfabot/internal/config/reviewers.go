package config

import (
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
)

// reviewers are those of the configuration, and their deputies.
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
				l.Bad(key+".address", "%s is the address of another reviewer: expected one that only this reviewer has", a)
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

// withDeputies adds the deputies who are not reviewers themselves. The configuration does not give their
// names.
func withDeputies(reviewers intake.Reviewers) intake.Reviewers {
	for _, r := range reviewers {
		if _, known := reviewers.ByAddress(r.Deputy); !known && r.Deputy != "" {
			reviewers = append(reviewers, intake.Reviewer{Address: r.Deputy, Name: r.Deputy, Standby: true})
		}
	}
	return reviewers
}

// reviewerAddress is an address that review emails may go to.
func (l *loader) reviewerAddress(key, addr string, own ownAddresses) string {
	addr = l.address(key, addr)
	if o, found := own.find(addr); found {
		l.Bad(key, "%s is %s: expected a person's own address, from which no review email comes back to the bot", addr, o.what)
	}
	return addr
}
