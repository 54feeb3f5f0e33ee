package intake

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"mfabot/intake/sheet"
)

// siteColumns is the header of sites.csv; the columns after the first four are optional.
var siteColumns = []string{"ods_code", "name", "kind", "mailbox", "aliases", "contacts", "telephone", "language"}

// neededColumns is how many of them there are at least.
const neededColumns = 4

// ReadSites reads sites.csv as a spreadsheet saves it, with a header line; lines that begin with # are passed over. Every
// mistake is reported, as FileErrors joined into one error; if the file could be read to its end, the correct rows are returned
// beside it.
func ReadSites(name string, r io.Reader) (*Sites, error) {
	table, err := ReadTable(name, r, true)
	if err != nil {
		return nil, err
	}
	expected := &FileError{File: name, Line: 1, Want: "expected the header " + strings.Join(siteColumns, ",")}
	if len(table.Rows) == 0 {
		return nil, expected
	}
	header := table.Rows[0].Lower()
	for i := range header {
		header[i] = strings.Join(strings.FieldsFunc(header[i], func(r rune) bool {
			return r == '_' || r == '-' || unicode.IsSpace(r)
		}), "_")
	}
	if !slices.Equal(header, siteColumns[:max(min(len(header), len(siteColumns)), neededColumns)]) {
		expected.Line = table.Rows[0].Line
		return nil, expected
	}
	b := siteBuilder{name: name, lines: make(map[string]int), sites: &Sites{byCode: make(map[string]*Site),
		byMailbox: make(map[string]*Site), byContact: make(map[string][]*Site), form: table.Form}}
	for _, row := range table.Rows[1:] {
		if len(row.Cells) > len(header) || len(row.Cells) < neededColumns {
			b.bad(row.Line, "", "expected %d columns, not %d", len(header), len(row.Cells))
			continue
		}
		if table.Semicolons && !b.fits(row, table.Rows[0]) {
			continue
		}
		b.add(row.Line, append(row.Cells, make([]string, len(siteColumns)-len(row.Cells))...))
	}
	return b.sites, errors.Join(b.problems...)
}

// ReadTable reads a table as a spreadsheet saves it, with lines that are comments or without. What is wrong with it as a whole
// is a FileError.
func ReadTable(name string, r io.Reader, comments bool) (*sheet.Table, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	table, err := sheet.Read(data, comments)
	var bad *sheet.Error
	if errors.As(err, &bad) {
		return nil, &FileError{File: name, Line: bad.Line, Want: bad.Want}
	}
	return table, err
}

type siteBuilder struct {
	name     string
	sites    *Sites
	lines    map[string]int // line on which a code or mailbox first appears
	problems []error
}

func (b *siteBuilder) bad(line int, column, want string, args ...any) {
	b.problems = append(b.problems, &FileError{File: b.name, Line: line, Key: column, Want: fmt.Sprintf(want, args...)})
}

// unsure notes what may be meant otherwise than it was taken.
func (b *siteBuilder) unsure(line int, column, what string, args ...any) {
	b.sites.unsure = append(b.sites.unsure, &FileError{File: b.name, Line: line, Key: column, Want: fmt.Sprintf(what, args...)})
}

// contactColumn is the index of the column after that of aliases, of which a cell may hold several with semicolons in between.
const contactColumn = 5

// fits reports whether a row of a file with semicolons between the columns has no more cells than its header, however many of them are
// empty: in one that somebody wrote by hand, a second alias without quotes takes the place of a contact. Where a row ends with that, it may
// be either, as a spreadsheet may leave out what is empty at the end: that is said.
func (b *siteBuilder) fits(row, header sheet.Row) bool {
	if row.Wide > header.Wide {
		b.bad(row.Line, "",
			`expected %d columns, as the header has, not %d: where semicolons are between the columns, several aliases stand `+
				`in quotes, such as "old@site.test;older@site.test"`, header.Wide, row.Wide)
		return false
	}
	if row.Wide == contactColumn+1 && row.Wide < len(header.Cells) && !strings.Contains(row.Cells[contactColumn-1], ";") {
		b.unsure(row.Line, siteColumns[contactColumn], "%s is taken for a contact: if it is a second alias, put both in quotes, such as %q",
			row.Cells[contactColumn], "old@site.test;older@site.test")
	}
	return true
}

func (b *siteBuilder) add(line int, row []string) {
	s := &Site{ODSCode: strings.ToUpper(row[0]), Name: row[1], Kind: strings.ToLower(row[2]),
		Mailbox: b.address(line, "mailbox", row[3]),
		Aliases: b.addresses(line, "aliases", row[4]), Contacts: b.addresses(line, "contacts", row[5]),
		Telephone: b.telephone(line, row[6]), Language: strings.ToLower(row[7])}
	switch harm := sheet.HarmTo(row[0]); {
	case s.ODSCode == "":
		b.bad(line, "ods_code", "expected an ODS code")
	case harm != "":
		b.bad(line, "ods_code", "%s", harm)
	case !isASCII(s.ODSCode):
		b.bad(line, "ods_code", "expected an ODS code in ASCII characters, not %+q", row[0])
	}
	if s.Name == "" || sheet.IsFailed(s.Name) {
		b.bad(line, "name", "expected the site's name")
	}
	if !slices.Contains(siteKinds, s.Kind) {
		b.bad(line, "kind", "expected one of %s, not %q", strings.Join(siteKinds, ", "), row[2])
	}
	if !slices.Contains([]string{"", English, Welsh}, s.Language) {
		b.bad(line, "language", "expected en, cy or nothing, not %q", row[7])
	}
	if first, twice := b.lines[s.ODSCode]; twice {
		b.bad(line, "ods_code", "%s is already on line %d", s.ODSCode, first)
		return
	}
	b.lines[s.ODSCode] = line
	b.sites.byCode[s.ODSCode] = s
	b.sites.list, b.sites.lines = append(b.sites.list, s), append(b.sites.lines, line)
	for _, addr := range append([]string{s.Mailbox}, s.Aliases...) {
		if first, twice := b.lines[addr]; twice && addr != "" {
			b.bad(line, "mailbox", "%s is already the mailbox of the site on line %d", addr, first)
			continue
		}
		b.lines[addr] = line
		b.sites.byMailbox[addr] = s
	}
	for _, addr := range s.Contacts {
		b.sites.byContact[addr] = append(b.sites.byContact[addr], s)
	}
}

// telephone reads a telephone number, as people write it.
func (b *siteBuilder) telephone(line int, s string) string {
	if harm := sheet.HarmToTelephone(s); harm != "" {
		b.unsure(line, "telephone", "%s", harm)
	} else if s != "" && !telephoneForm.MatchString(s) {
		b.bad(line, "telephone", "expected a telephone number, such as 01632 960123, not %q", s)
	}
	return s
}

var telephoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{4,24}( ?(ext|x)\.? ?[0-9]{1,6})?$`)

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
