package templates

import (
	"fmt"
	htmltemplate "html/template"
	"strconv"
	"strings"
	"time"
)

// functions returns what the templates may call, besides what text/template and html/template have. say translates words
// of the layout.
func functions(zone *time.Location, s speech, say func(string) string) map[string]any {
	in := func(layout string) func(time.Time) string {
		return func(t time.Time) string { return s.format(t.In(zone), layout) }
	}
	return map[string]any{
		"when":        func(t time.Time) string { return s.when(t, zone) },
		"day":         func(t time.Time) string { return day(t, zone) },
		"date":        in("2 January 2006"),
		"dayAndMonth": in("2 January"),
		"onDay":       in("Monday 2 January 2006"),
		"clock":       in(s.clock),
		"lastDay":     lastDay(zone, in("Monday 2 January 2006")),
		"left":        s.left,
		"size":        s.size,
		"say":         say,
		"language":    func() string { return s.tag },
		"digits":      digits,
		"column":      column,
		"count":       Count,
		"domain":      domain,
		"rows":        rows,
		"more":        func(table []row, cells []string) []row { return append(table, rows(cells...)...) },
		"button":      func(label string, to htmltemplate.URL) button { return button{label, to} },
		"outlook":     outlook,
	}
}

// day formats a day as commands write it; the zero time gives an empty string.
func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

// lastDay writes the last day that is wholly before a time, for people who have until then; the zero time gives an empty
// string.
func lastDay(zone *time.Location, onDay func(time.Time) string) func(time.Time) string {
	return func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return onDay(t.In(zone).AddDate(0, 0, -1))
	}
}

// zoneName returns the name of t's zone. Go names a zone without an abbreviation by its offset, which is not
// enough by itself.
func zoneName(t time.Time) string {
	name, _ := t.Zone()
	if name == "" || name[0] == '+' || name[0] == '-' {
		return "UTC" + t.Format("-07:00")
	}
	return name
}

// digits returns what is dialled of a telephone number. The (0) in some is dialled only where the country is not.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ReplaceAll(number, "(0)", ""))
}

// column is a cell of a table in text, so wide: at its left where width is negative, and else at its right.
func column(width int, cell string) string {
	return strings.ReplaceAll(fmt.Sprintf("%*s", width, cell), " ", unbroken)
}

// Count formats a number for people: 2,315.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Counted is a number of things in words: the singular is given.
func Counted[N int | int64](n N, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		one = strings.TrimSuffix(one, "y") + "ie"
	case strings.HasSuffix(one, "x"):
		one += "e"
	}
	return Count(int64(n)) + " " + one + "s"
}

// HowLong says a time in its largest unit.
func HowLong(d time.Duration) string {
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int64(d / unit.of); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return Count(n) + " " + unit.name + "s"
		}
	}
	return "less than a minute"
}

// domain returns what follows the @ of an address.
func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// button opens an email that is begun; it is not there if To is empty.
type button struct {
	Label string
	To    htmltemplate.URL
}

// row is one line of a table.
type row struct{ Label, Value string }

// rows makes a table of alternating labels and values; a label without a value is left out.
func rows(cells ...string) []row {
	var out []row
	for i := 0; i+1 < len(cells); i += 2 {
		if cells[i+1] != "" {
			out = append(out, row{cells[i], cells[i+1]})
		}
	}
	return out
}
