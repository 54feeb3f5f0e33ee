package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/intake"
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

// screenOf is what people read on what is written to w; with wide everything is shown, however long the lines are.
func screenOf(w io.Writer, wide bool) layout.Screen {
	s := layout.ScreenOf(w, os.Getenv)
	if wide {
		s.Width = 0
	}
	return s
}

// say prints a line for people: a text after what begins it, broken so that it fits, and indented below that.
func say(w io.Writer, begins, text string) error {
	_, err := fmt.Fprintln(w, screenOf(w, false).Hanging(begins, layout.Width(begins), printable(text)))
	return err
}

// table prints rows in columns under a header.
type table struct {
	w    io.Writer
	rows *layout.Table
}

func newTable(w io.Writer, wide bool, columns ...layout.Column) *table {
	return &table{w, layout.NewTable(w, screenOf(w, wide), columns...)}
}

// row prints one row. Text from foreign mail cannot move the cursor.
func (t *table) row(cells ...string) error {
	for i := range cells {
		cells[i] = printable(cells[i])
	}
	return t.rows.Row(cells...)
}

// flush ends the table, and says what it had no room for.
func (t *table) flush() error {
	err := t.rows.Flush()
	if out := t.rows.LeftOut(); err == nil && len(out) > 0 {
		err = say(t.w, "", "left out: "+strings.Join(out, ", ")+"; to see all: --wide")
	}
	return err
}

// wideFlag gives a command that prints a table the flag for the whole of it.
func wideFlag(c *cobra.Command, wide *bool) {
	c.Flags().BoolVar(wide, "wide", false, "show every column as it is, however long the lines are")
}

// stateColours are the colours of what a state says, the first that is in it.
var stateColours = []struct {
	word   string
	colour layout.Colour
}{
	{"overdue", layout.Red}, {"not removed yet", layout.Red}, {"failed", layout.Red}, {"bounced", layout.Red},
	{string(intake.OutcomeQuarantined), layout.Red}, {string(intake.StuckReading), layout.Red},
	{"not applied yet", layout.Yellow}, {string(intake.OutcomeRefused), layout.Yellow},
	{string(intake.Active), layout.Green},
}

// stateColour is the colour of a state.
func stateColour(state string) layout.Colour {
	for _, s := range stateColours {
		if strings.Contains(state, s.word) {
			return s.colour
		}
	}
	return layout.None
}

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
