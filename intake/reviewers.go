package intake

import "slices"

// Reviewer approves and rejects requests.
type Reviewer struct {
	Address string // where review emails go, and from where decisions come
	Name    string
	Aliases []string // addresses from which decisions are taken as well
	Deputy  string   // an address
	Standby bool     // only a deputy: decides where they were asked in another's place
}

// Reviewers are those with authority to decide now.
type Reviewers []Reviewer

// ByAddress finds a reviewer by the address or an alias.
func (rs Reviewers) ByAddress(addr string) (Reviewer, bool) {
	addr = Canonical(addr)
	i := slices.IndexFunc(rs, func(r Reviewer) bool { return r.has(addr) })
	if i < 0 {
		return Reviewer{}, false
	}
	return rs[i], true
}

// Regular are the reviewers who are asked first.
func (rs Reviewers) Regular() Reviewers {
	return slices.DeleteFunc(slices.Clone(rs), func(r Reviewer) bool { return r.Standby })
}

// has reports whether addr, in canonical form, is the reviewer's own.
func (r Reviewer) has(addr string) bool { return r.Address == addr || slices.Contains(r.Aliases, addr) }

// Barred reports whether a reviewer may not decide on a request: it is for
// them, was written by them, or comes from a site that they belong to.
func (r Reviewer) Barred(req *Request, site *Site) bool {
	for _, addr := range append([]string{r.Address}, r.Aliases...) {
		if withoutDetail(addr) == withoutDetail(req.Subject.Email) || addr == req.RequestedBy || slices.Contains(req.Senders, addr) || (site != nil && site.Has(addr)) {
			return true
		}
	}
	return false
}
