package templates

import (
	"fmt"
	htmltemplate "html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// functions returns what the templates may call, besides what text/template and html/template have.
func functions(zone *time.Location) map[string]any {
	return map[string]any{
		"when":        func(t time.Time) string { return when(t, zone) },
		"day":         func(t time.Time) string { return day(t, zone) },
		"lastDay":     func(t time.Time) string { return lastDay(t, zone) },
		"date":        func(t time.Time) string { return t.In(zone).Format("2 January 2006") },
		"dayAndMonth": func(t time.Time) string { return t.In(zone).Format("2 January") },
		"onDay":       func(t time.Time) string { return t.In(zone).Format("Monday 2 January 2006") },
		"clock":       func(t time.Time) string { return t.In(zone).Format("3:04pm") },
		"left":        left,
		"digits":      digits,
		"size":        size,
		"count":       Count,
		"domain":      domain,
		"rows":        rows,
		"more":        func(table []row, cells []string) []row { return append(table, rows(cells...)...) },
		"button":      func(label string, to htmltemplate.URL) button { return button{label, to} },
		"outlook":     outlook,
	}
}

// when formats a time with its zone; the zero time gives an empty string.
func when(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	return t.Format("Monday 2 January 2006, 15:04 ") + zoneName(t)
}

// day formats a day as commands write it; the zero time gives an empty string.
func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

// lastDay formats the last day that is wholly before t, for people who have until t; the zero time gives an empty string.
func lastDay(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).AddDate(0, 0, -1).Format("Monday 2 January 2006")
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

// left says how far away something is, in days, or in hours where it is soon. What is an hour away but for some minutes is an
// hour away: letters take their time.
func left(d time.Duration, soon bool) string {
	const nearly = 5 * time.Minute
	switch {
	case !soon:
		return "in " + several(d.Hours()/24, "day")
	case d+nearly >= time.Hour:
		return "in " + several(d.Hours(), "hour")
	case d >= time.Minute/2:
		return "in " + several(d.Minutes(), "minute")
	}
	return "now"
}

// several names a number of things, rounded to the nearest.
func several(n float64, thing string) string {
	if n = math.Round(n); n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%.0f %ss", n, thing)
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

// size formats a number of bytes for people, rounded to the nearest.
func size(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	switch {
	case bytes < kilo:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < mega-kilo/2:
		return fmt.Sprintf("%d KB", (bytes+kilo/2)/kilo)
	}
	return fmt.Sprintf("%d MB", (bytes+mega/2)/mega)
}

// Count formats a number for people: 2,315.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
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
