package sheet

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// What a spreadsheet makes of what somebody puts into a cell, without a word: of a code that looks to it like a number or a date, and of
// a formula that finds nothing. What it was cannot be told from it any more.

const months = `(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*`

var harms = []struct {
	form *regexp.Regexp
	of   string
}{
	{regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE][+-][0-9]+$`), "a code such as 5E1 or 50E0, which it takes for a number"},
	{regexp.MustCompile(`^(?i:[0-9]{1,2}[-/ .]` + months + `([-/ .]([0-9]{2}|[0-9]{4}))?|` + months + `[-/ .]([0-9]{2}|[0-9]{4}))$`),
		"a code such as MAR01, which it takes for a date"},
	{regexp.MustCompile(`^([0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})([ T].*)?$`),
		"a code such as MAR01, which it takes for a date"},
	{regexp.MustCompile(`^[0-9]{1,2}$|^[0-9]+[.,][0-9]+$`),
		"a code such as 007, which it takes for a number: its noughts at the front are gone"},
	{regexp.MustCompile(`^["'‘’“”]|["'‘’“”]$`), "a code in quotes, which are part of it then"},
}

// asText is how a spreadsheet is kept from it.
const asText = "in Excel, format the whole column as Text (Home, Number), put the code in again, and save; to open the file the next " +
	"time, take Data, From Text/CSV, and Text for that column"

// HarmTo says in words what a spreadsheet has made of a code, and how to keep it from that; empty for nothing.
func HarmTo(code string) string {
	for _, h := range harms {
		if h.form.MatchString(code) {
			return fmt.Sprintf("%q is what a spreadsheet makes of %s: %s", code, h.of, asText)
		}
	}
	return ""
}

// noNought is a telephone number that was taken for a number.
var noNought = regexp.MustCompile(`^[1-9][0-9]{8,14}$`)

// HarmToTelephone is HarmTo for a telephone number.
func HarmToTelephone(s string) string {
	if noNought.MatchString(s) {
		return fmt.Sprintf("%s may have lost what was in front of it, a 0 or a +, as a spreadsheet takes it for "+
			"a number: put a space into it, such as 01632 960123, or format the whole column as Text", s)
	}
	return ""
}

// failed is what a formula is that found nothing, or a cell that is too narrow for what is in it.
var failed = regexp.MustCompile(`^#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)$`)

// IsFailed reports whether a cell holds what a formula shows that failed.
func IsFailed(cell string) bool { return failed.MatchString(cell) }

// failedRow returns the line of the first row that begins so, and would be taken for a comment; 0 for none.
func failedRow(text []byte, comma rune) (number int, cell string) {
	for line := range bytes.Lines(text) {
		number++
		first, _, more := strings.Cut(string(line), string(comma))
		if first = strings.Trim(strings.TrimSpace(first), `"`); more && IsFailed(first) {
			return number, first
		}
	}
	return 0, ""
}
