package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
)

// printJSON prints one object on one line. What a terminal would act on is escaped, which says the same: JSON itself asks that only
// of the first control characters.
func printJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	var out strings.Builder
	for _, r := range text.String() {
		if r != '\n' && harmful(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// table prints rows in columns under a header.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, header ...string) *table {
	t := &table{tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	t.row(header...)
	return t
}

// row prints one row. Text from foreign mail cannot move the cursor.
func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = shown(cells[i])
	}
	fmt.Fprintln(t.w, strings.Join(cells, "\t"))
}

func (t *table) flush() error { return t.w.Flush() }

// shown is s made printable, and short enough for a line of a table.
func shown(s string) string { return shortened(printable(s), 60) }

// shortened is s with at most that many characters.
func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// printable makes foreign text harmless on a terminal: control and bidirectional characters become spaces.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if harmful(r) {
			return ' '
		}
		return r
	}, s)
}

// harmful reports whether a character moves the cursor of a terminal, or turns what it shows around.
func harmful(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// moment shows a time to people, in the policy's time zone; a dash for none.
func moment(s *config.Settings, t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(s.Policy.Zone).Format("2006-01-02 15:04 MST")
}

// orDash shows a missing value in a table.
func orDash(s string) string { return cmp.Or(s, "-") }

// gauge is one that is shown on standard error until stop, where that is a terminal; nil where it is not.
func gauge(w io.Writer) (g *progress.Gauge, stop func()) {
	if !isTerminal(w) {
		return nil, func() {}
	}
	g = new(progress.Gauge)
	return g, progress.Show(w, g)
}
