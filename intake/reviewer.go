package intake

import (
	"slices"
	"time"
)

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
	i := slices.IndexFunc(rs, func(r Reviewer) bool { return r.Has(addr) })
	if i < 0 {
		return Reviewer{}, false
	}
	return rs[i], true
}

// Regular are the reviewers who are asked first.
func (rs Reviewers) Regular() Reviewers {
	return slices.DeleteFunc(slices.Clone(rs), func(r Reviewer) bool { return r.Standby })
}

// Has reports whether addr, in canonical form, is the reviewer's own.
func (r Reviewer) Has(addr string) bool { return r.Address == addr || slices.Contains(r.Aliases, addr) }

// Barred reports whether a reviewer may not decide on a request: it is for
// them, was written by them, or comes from a site that they belong to.
func (r Reviewer) Barred(req *Request, site *Site) bool {
	for _, addr := range append([]string{r.Address}, r.Aliases...) {
		if withoutDetail(addr) == withoutDetail(req.User.Email) || addr == req.RequestedBy || slices.Contains(req.Senders, addr) || (site != nil && site.Has(addr)) {
			return true
		}
	}
	return false
}

// WasAsked reports whether a reviewer was given a code to decide on a request, as
// it is or was.
func WasAsked(r Reviewer, reviews []Review) bool {
	return slices.ContainsFunc(reviews, func(v Review) bool { return v.Reviewer == r.Address && v.Purpose == ToDecide })
}

// Deciding are the reviewers who may decide on a request, without those who are
// deputies only.
func (s *Service) Deciding(req *Request) []Reviewer {
	site, _ := s.Sites.Now().ByCode(req.SiteCode)
	return slices.DeleteFunc(s.Reviewers.Regular(), func(r Reviewer) bool { return r.Barred(req, site) })
}

// Concerned are those who may decide on a request, with the deputies who were asked:
// who was asked once hears of what changes.
func (s *Service) Concerned(req *Request, reviews []Review) []Reviewer {
	site, _ := s.Sites.Now().ByCode(req.SiteCode)
	return slices.DeleteFunc(slices.Clone(s.Reviewers), func(r Reviewer) bool { return r.Barred(req, site) || (r.Standby && !WasAsked(r, reviews)) })
}

// Absence is a time in which a reviewer's deputy is asked besides. What the
// reviewer decides nonetheless counts.
type Absence struct {
	Reviewer string // the registered address
	Since    time.Time
	Until    time.Time // zero where only a command ends it
	EndedAt  time.Time // before that; zero for not
	Deputy   string    // who stands in; empty for the one of the configuration
	ByHand   bool      // a command said so, and not an automatic reply
}

// At reports whether it lasts at a moment.
func (a Absence) At(now time.Time) bool {
	return a.EndedAt.IsZero() && (a.Until.IsZero() || now.Before(a.Until))
}

// Over is when it ended or will; zero where that is not known.
func (a Absence) Over() time.Time {
	if a.EndedAt.IsZero() {
		return a.Until
	}
	return a.EndedAt
}
