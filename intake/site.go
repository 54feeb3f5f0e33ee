package intake

import (
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
}

// ByCode finds a site by its ODS code, in any case.
func (s *Sites) ByCode(code string) (*Site, bool) {
	site, ok := s.byCode[strings.ToUpper(code)]
	return site, ok
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

func (s *Site) equal(t *Site) bool {
	return s.ODSCode == t.ODSCode && s.Name == t.Name && s.Kind == t.Kind && s.Mailbox == t.Mailbox &&
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
