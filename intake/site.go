package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
)

// Site is an organisation's place, which requests exceptions.
type Site struct {
	ODSCode  string
	Name     string
	Kind     string
	Mailbox  string   // the current address of the shared mailbox
	Aliases  []string // its earlier addresses
	Contacts []string // people at the site

	Telephone string // by which a reviewer can ask whether the site wrote; empty where it is not known
	Language  string // that it wants letters in, as a tag (RFC 5646): en or cy; empty for the one that it writes in
}

// siteKinds are the values of the column kind.
var siteKinds = []string{"pharmacy", "optometry", "dental", "social care", "other"}

// Sites is the register of sites. It is immutable.
type Sites struct {
	list      []*Site // in the order of the file
	lines     []int   // the line of each site
	byCode    map[string]*Site
	byMailbox map[string]*Site
	byContact map[string][]*Site
	form      string // how the file is written
	unsure    []error
}

// Form says in words how the file is written: what stands between its columns, and its encoding.
func (s *Sites) Form() string { return s.form }

// Unsure are the places of the file that may be meant otherwise than they were taken, as FileErrors.
func (s *Sites) Unsure() []error { return s.unsure }

// ByCode finds a site by its ODS code, in any case.
func (s *Sites) ByCode(code string) (*Site, bool) {
	site, ok := s.byCode[strings.ToUpper(code)]
	return site, ok
}

// NotASite returns a Miswritten for what should be the ODS code of a site. A code that is nearly another is as likely a third
// site's: none is proposed.
func NotASite(given string) Miswritten {
	return Miswrittenf("there is no site %q: expected the ODS code of one in sites.csv", given)
}

// ByMailbox finds the site whose shared mailbox has this address, or this alias.
func (s *Sites) ByMailbox(addr string) (*Site, bool) {
	site, ok := s.byMailbox[Canonical(addr)]
	return site, ok
}

// OfContact returns the sites that list addr as a contact.
func (s *Sites) OfContact(addr string) []*Site { return s.byContact[Canonical(addr)] }

// Len returns the number of sites.
func (s *Sites) Len() int { return len(s.list) }

// All yields the line number and the site for every row of the file, in order.
func (s *Sites) All() iter.Seq2[int, *Site] {
	return func(yield func(int, *Site) bool) {
		for i, site := range s.list {
			if !yield(s.lines[i], site) {
				return
			}
		}
	}
}

// Having returns the ODS codes of the sites that have a word, as Folded has it: in the code, the name or an address.
func (s *Sites) Having(word string) (codes []string) {
	for _, site := range s.list {
		has := func(field string) bool { return strings.Contains(Folded(field), word) }
		if has(site.ODSCode) || has(site.Name) || slices.ContainsFunc(site.People(), has) {
			codes = append(codes, site.ODSCode)
		}
	}
	return codes
}

// Changes counts the sites that are new since an earlier register, those that are gone, and those that
// differ.
func (s *Sites) Changes(earlier *Sites) (added, removed, changed int) {
	for _, site := range s.list {
		before, known := earlier.byCode[site.ODSCode]
		switch {
		case !known:
			added++
		case !before.equal(site):
			changed++
		}
	}
	return added, earlier.Len() + added - s.Len(), changed
}

// Sample stands for a register by the digests of at most n of its sites, always the same of them.
func (s *Sites) Sample(n int) []int64 {
	var all []int64
	for _, site := range s.list {
		all = append(all, digest(site.ODSCode, site.Mailbox))
	}
	slices.Sort(all)
	return all[:min(n, len(all))]
}

// Lacks counts the sites of another register's sample that are none of this one: there is no such code, or it is a site to
// which that mailbox does not belong.
func (s *Sites) Lacks(sample []int64) int {
	here := make(map[int64]bool)
	for _, site := range s.list {
		for _, addr := range site.Mailboxes() {
			here[digest(site.ODSCode, addr)] = true
		}
	}
	lacks := 0
	for _, d := range sample {
		if !here[d] {
			lacks++
		}
	}
	return lacks
}

// digest stands for a site with a mailbox. It is never 0.
func digest(code, mailbox string) int64 {
	sum := sha256.Sum256([]byte(code + "\n" + mailbox))
	return int64(binary.BigEndian.Uint64(sum[:8])>>1) | 1
}

func (s *Site) equal(t *Site) bool {
	return s.ODSCode == t.ODSCode && s.Name == t.Name && s.Kind == t.Kind && s.Mailbox == t.Mailbox &&
		s.Telephone == t.Telephone &&
		slices.Equal(s.Aliases, t.Aliases) && slices.Equal(s.Contacts, t.Contacts)
}

// Has reports whether addr belongs to the site: its mailbox, an alias or a contact.
func (s *Site) Has(addr string) bool {
	return slices.Contains(s.People(), Canonical(addr))
}

// People returns the addresses that belong to the site.
func (s *Site) People() []string { return slices.Concat([]string{s.Mailbox}, s.Aliases, s.Contacts) }

// Mailboxes returns the addresses of the shared mailbox, now and before.
func (s *Site) Mailboxes() []string { return append([]string{s.Mailbox}, s.Aliases...) }

// Register is the register of sites that is now in use. It is safe for concurrent use.
type Register struct {
	current atomic.Pointer[Sites]
	doubted atomic.Bool
}

// NewRegister returns a register with sites in use.
func NewRegister(sites *Sites) *Register {
	r := new(Register)
	r.Use(sites)
	return r
}

// Use replaces the sites in use.
func (r *Register) Use(sites *Sites) { r.current.Store(sites) }

// Now returns the sites in use.
func (r *Register) Now() *Sites { return r.current.Load() }

// Doubt says whether the sites in use may be only some of those that there are: then nobody is refused for being none of
// them, and their mail waits.
func (r *Register) Doubt(doubted bool) { r.doubted.Store(doubted) }

// Doubted reports whether the sites in use may be only some of those that there are.
func (r *Register) Doubted() bool { return r.doubted.Load() }

// SiteFacts is what letters say about a site.
type SiteFacts struct {
	ODSCode string `json:"ods_code,omitempty"`
	Name    string `json:"name,omitempty"`
	Mailbox string `json:"mailbox,omitempty"`

	Telephone string `json:"telephone,omitempty"` // of the register
}

// FactsOfSite returns the facts of a site; just its ODS code when the register does not have it.
func (s *Service) FactsOfSite(code string) SiteFacts {
	if s, ok := s.Sites.Now().ByCode(code); ok {
		return SiteFacts{ODSCode: s.ODSCode, Name: s.Name, Mailbox: s.Mailbox, Telephone: s.Telephone}
	}
	return SiteFacts{ODSCode: code}
}
