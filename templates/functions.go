package templates

import (
	"fmt"
	htmltemplate "html/template"
	"strconv"
	"strings"
	"time"
)

// functions returns what the templates may call, besides what text/template and html/template have.
func functions(zone *time.Location) map[string]any {
	return map[string]any{
		"when":     func(t time.Time) string { return when(t, zone) },
		"day":      func(t time.Time) string { return day(t, zone) },
		"lastDay":  func(t time.Time) string { return lastDay(t, zone) },
		"daysLeft": daysLeft,
		"size":     size,
		"count":    Count,
		"domain":   domain,
		"rows":     rows,
		"more":     func(table []row, cells []string) []row { return append(table, rows(cells...)...) },
		"button":   func(label string, to htmltemplate.URL) button { return button{label, to} },
		"outlook":  outlook,
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

// daysLeft says how far away the end is.
func daysLeft(days int) string {
	switch {
	case days <= 0:
		return "in less than a day"
	case days == 1:
		return "in 1 day"
	}
	return fmt.Sprintf("in %d days", days)
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
