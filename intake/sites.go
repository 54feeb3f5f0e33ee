package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"
)

// Site is an organisation's place, which asks for exceptions.
type Site struct {
	ODSCode  string
	Name     string
	Kind     string
	Mailbox  string   // the shared mailbox, current address
	Aliases  []string // earlier addresses of it
	Contacts []string // people of the site
}

// siteKinds are the values of the column kind.
var siteKinds = []string{"pharmacy", "optometry", "dental", "social care", "other"}

// siteColumns is the header of sites.csv; the last two may be left out.
var siteColumns = []string{"ods_code", "name", "kind", "mailbox", "aliases", "contacts"}

// Sites is the register of sites. It is immutable.
type Sites struct {
	list      []*Site // in the order of the file
	lines     []int   // on which each of them stands
	byCode    map[string]*Site
	byMailbox map[string]*Site
	byContact map[string][]*Site
}

// ByCode finds a site by its ODS code, in any case.
func (s *Sites) ByCode(code string) (*Site, bool) {
	site, ok := s.byCode[strings.ToUpper(code)]
	return site, ok
}

// ByMailbox finds the site whose shared mailbox, or an alias of it, addr is.
func (s *Sites) ByMailbox(addr string) (*Site, bool) {
	site, ok := s.byMailbox[Canonical(addr)]
	return site, ok
}

// OfContact returns the sites of which addr is a contact.
func (s *Sites) OfContact(addr string) []*Site { return s.byContact[Canonical(addr)] }

// Len is the number of sites.
func (s *Sites) Len() int { return len(s.list) }

// All gives every site with the line of the file on which it stands, in order.
func (s *Sites) All() iter.Seq2[int, *Site] {
	return func(yield func(int, *Site) bool) {
		for i, site := range s.list {
			if !yield(s.lines[i], site) {
				return
			}
		}
	}
}

// Changes counts the sites that an earlier register does not have, those that
// only it has, and those that stand in both and differ.
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

// Has reports whether addr is an address of the site: its mailbox, an alias, or
// a contact's.
func (s *Site) Has(addr string) bool {
	addr = Canonical(addr)
	return s.Mailbox == addr || slices.Contains(s.Aliases, addr) || slices.Contains(s.Contacts, addr)
}

// Canonical is the form in which addresses are compared and stored: lower case
// throughout, since no mail service in use tells Sam from sam. That holds for
// ASCII letters only: the lower case of some others, such as the Kelvin sign, is
// somebody else's letter.
func Canonical(addr string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(addr))
}

// isASCII reports whether s is plain: what looks like another's address is not it.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// IsAddress reports whether s is one bare email address (RFC 5321, section
// 4.1.2) in ASCII.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return isASCII(s) && err == nil && a.Name == "" && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\" \t\r\n<>")
}

// ReadSites reads sites.csv (RFC 4180, with a header line). All wrong rows come
// back as FileErrors joined into one error, beside the other rows where the file
// could be read to its end.
func ReadSites(name string, r io.Reader) (*Sites, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if err := inUTF8(name, data); err != nil {
		return nil, err
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if err != nil {
		return nil, &FileError{File: name, Line: 1, Want: "expected the header " + strings.Join(siteColumns, ",")}
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if !slices.Equal(header, siteColumns[:max(min(len(header), 6), 4)]) {
		return nil, &FileError{File: name, Line: 1, Want: "expected the header " + strings.Join(siteColumns, ",")}
	}
	b := siteBuilder{name: name, lines: make(map[string]int), sites: &Sites{byCode: make(map[string]*Site),
		byMailbox: make(map[string]*Site), byContact: make(map[string][]*Site)}}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return b.sites, errors.Join(b.problems...)
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, errors.Join(append(b.problems, &FileError{File: name, Line: bad.Line, Want: bad.Err.Error()})...)
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if len(row) > len(header) || len(row) < 4 {
			b.bad(line, "", "expected %d columns, not %d", len(header), len(row))
			continue
		}
		b.add(line, append(row, make([]string, 6-len(row))...))
	}
}

// inUTF8 names the first line that is not in UTF-8: spreadsheets save in another
// encoding unless they are told.
func inUTF8(name string, data []byte) error {
	line := 0
	for text := range bytes.Lines(data) {
		if line++; !utf8.Valid(text) {
			return &FileError{File: name, Line: line, Want: "expected text in UTF-8: save it as \"CSV UTF-8\""}
		}
	}
	return nil
}

type siteBuilder struct {
	name     string
	sites    *Sites
	lines    map[string]int // where a code or mailbox was first given
	problems []error
}

func (b *siteBuilder) bad(line int, column, want string, args ...any) {
	b.problems = append(b.problems, &FileError{File: b.name, Line: line, Key: column, Want: fmt.Sprintf(want, args...)})
}

func (b *siteBuilder) add(line int, row []string) {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	s := &Site{ODSCode: strings.ToUpper(row[0]), Name: row[1], Kind: strings.ToLower(row[2]), Mailbox: b.address(line, "mailbox", row[3]),
		Aliases: b.addresses(line, "aliases", row[4]), Contacts: b.addresses(line, "contacts", row[5])}
	if s.ODSCode == "" {
		b.bad(line, "ods_code", "expected an ODS code")
	}
	if s.Name == "" {
		b.bad(line, "name", "expected the site's name")
	}
	if !slices.Contains(siteKinds, s.Kind) {
		b.bad(line, "kind", "expected one of %s, not %q", strings.Join(siteKinds, ", "), row[2])
	}
	if first, twice := b.lines[s.ODSCode]; twice {
		b.bad(line, "ods_code", "%s stands in line %d already", s.ODSCode, first)
		return
	}
	b.lines[s.ODSCode] = line
	b.sites.byCode[s.ODSCode] = s
	b.sites.list, b.sites.lines = append(b.sites.list, s), append(b.sites.lines, line)
	for _, addr := range append([]string{s.Mailbox}, s.Aliases...) {
		if first, twice := b.lines[addr]; twice && addr != "" {
			b.bad(line, "mailbox", "%s is the mailbox of the site in line %d already", addr, first)
			continue
		}
		b.lines[addr] = line
		b.sites.byMailbox[addr] = s
	}
	for _, addr := range s.Contacts {
		b.sites.byContact[addr] = append(b.sites.byContact[addr], s)
	}
}

func (b *siteBuilder) address(line int, column, s string) string {
	if !isASCII(s) {
		b.bad(line, column, "expected an email address in ASCII characters, not %+q", s)
	} else if !IsAddress(s) {
		b.bad(line, column, "expected an email address, not %q", s)
	}
	return Canonical(s)
}

func (b *siteBuilder) addresses(line int, column, list string) []string {
	var out []string
	for s := range strings.SplitSeq(list, ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, b.address(line, column, s))
		}
	}
	return out
}
