package config

import (
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
)

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
