package intake

import (
	"slices"
	"strings"
	"time"
)

// Reviewer approves and rejects requests.
type Reviewer struct {
	Address string // where review emails go, and decisions come from
	Name    string
	Aliases []string // other addresses that decisions may come from
	Deputy  string   // the deputy's address; empty for none
	Standby bool     // only a deputy: decides only when asked in somebody's place
}

// Reviewers are those who have authority to decide now.
type Reviewers []Reviewer

// ByAddress finds a reviewer by address or alias.
func (rs Reviewers) ByAddress(addr string) (Reviewer, bool) {
	addr = Canonical(addr)
	i := slices.IndexFunc(rs, func(r Reviewer) bool { return r.Has(addr) })
	if i < 0 {
		return Reviewer{}, false
	}
	return rs[i], true
}

// NotReviewer returns a Miswritten for an address that should be a reviewer's, with the one that may be meant. An address is
// nearly another where only what is before the @ is nearly so, or only what is behind it differs.
func (rs Reviewers) NotReviewer(given string) Miswritten {
	meant := ""
	name, domain, _ := strings.Cut(Canonical(given), "@")
	var names []string
	for _, r := range rs {
		known, at, _ := strings.Cut(r.Address, "@")
		switch {
		case at == domain || domain == "":
			names = append(names, known)
		case known == name:
			meant = r.Address
		}
	}
	if near := Meant(name, names); near != "" {
		i := slices.IndexFunc(rs, func(r Reviewer) bool { return strings.HasPrefix(r.Address, near+"@") })
		meant = rs[i].Address
	}
	if meant != "" {
		meant = ": did you mean " + meant + "?"
	}
	return Miswrittenf("%q is not a reviewer: expected the address of a [[reviewer]] of the configuration%s", given, meant)
}

// Regular returns the reviewers who are asked first: those who are not only deputies.
func (rs Reviewers) Regular() Reviewers {
	return slices.DeleteFunc(slices.Clone(rs), func(r Reviewer) bool { return r.Standby })
}

// Has reports whether addr, in canonical form, is one of the reviewer's addresses.
func (r Reviewer) Has(addr string) bool { return r.Address == addr || slices.Contains(r.Aliases, addr) }

// Barred reports whether a reviewer must not decide on a request: it is for them, was written by them, or
// comes from a site that they belong to, by the register as it is or as it was when the site wrote. Where
// neither is known, everybody is barred until the site is in the register again.
func (s *Service) Barred(r Reviewer, req *Request) bool {
	site, registered := s.Sites.Now().ByCode(req.SiteCode)
	bars := append([]string{req.User.Email, req.RequestedBy}, req.Barred...)
	switch {
	case registered:
		bars = append(bars, site.People()...)
	case len(req.Barred) == 0 && req.SiteCode != "":
		return true
	}
	if len(req.Barred) == 0 {
		bars = append(bars, req.Senders...)
	}
	return slices.ContainsFunc(append([]string{r.Address}, r.Aliases...), func(addr string) bool {
		return slices.ContainsFunc(bars, func(bar string) bool { return withoutDetail(bar) == withoutDetail(addr) })
	})
}

// WasAsked reports whether a reviewer was ever given a code to decide on the request.
func WasAsked(r Reviewer, reviews []Review) bool {
	return slices.ContainsFunc(reviews, func(v Review) bool { return v.Reviewer == r.Address && v.Purpose == ToDecide })
}

// Deciding returns the regular reviewers who may decide on a request.
func (s *Service) Deciding(req *Request) []Reviewer {
	return slices.DeleteFunc(s.Reviewers.Regular(), func(r Reviewer) bool { return s.Barred(r, req) })
}

// Concerned returns those who may decide on a request, including deputies who were asked: whoever was asked
// hears about changes.
func (s *Service) Concerned(req *Request, reviews []Review) []Reviewer {
	return slices.DeleteFunc(slices.Clone(s.Reviewers),
		func(r Reviewer) bool { return s.Barred(r, req) || (r.Standby && !WasAsked(r, reviews)) })
}

// Absence is a time in which a reviewer's deputy is asked too. What the reviewer decides meanwhile still
// counts.
type Absence struct {
	Reviewer string // the registered address
	Since    time.Time
	Until    time.Time // zero if only a command ends it
	EndedAt  time.Time // if it was ended early; else zero
	Deputy   string    // who stands in; empty for the configured deputy
	ByHand   bool      // begun by a command, not by an automatic reply
}

// AwayRefusing is how it is put on record that a reviewer is away since their mailbox is gone.
const AwayRefusing = "their mailbox refuses our emails"

// At reports whether the reviewer is away at now, which is not before Since.
func (a Absence) At(now time.Time) bool {
	return a.EndedAt.IsZero() && (a.Until.IsZero() || now.Before(a.Until))
}

// Over returns when it ended or will end; zero if that is not known.
func (a Absence) Over() time.Time {
	if a.EndedAt.IsZero() {
		return a.Until
	}
	return a.EndedAt
}
