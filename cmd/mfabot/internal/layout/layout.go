// Package layout lays out what a command prints for people: tables that fit the line, text that breaks between words, and
// colours where they are wanted. It knows nothing of what is printed.
package layout

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// Screen is what people read on. The zero Width is that of a file or another program: what goes there is neither cut nor broken.
type Screen struct {
	Width  int // in cells
	Colour bool
}

// usual is the width of a terminal that does not say how wide it is.
const usual = 80

// ScreenOf returns the screen that w is. COLUMNS says how wide it is whatever it is, as it does for ps. There are colours on a
// terminal that has some, unless NO_COLOR is set.
func ScreenOf(w io.Writer, getenv func(string) string) Screen {
	var s Screen
	f, is := w.(*os.File)
	if is && term.IsTerminal(int(f.Fd())) {
		s.Width = usual
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			s.Width = width
		}
		kind := getenv("TERM")
		s.Colour = getenv("NO_COLOR") == "" && kind != "" && kind != "dumb"
	}
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		s.Width = columns
	}
	return s
}

// Colour is one that says what the text says too.
type Colour int

// The colours.
const (
	None   Colour = iota // as all the rest
	Red                  // somebody has to do something
	Yellow               // it did not go as it was meant to
	Green                // it is as it should be
)

// Painted is a text in a colour, where the screen has some.
func (s Screen) Painted(c Colour, text string) string {
	if !s.Colour || c == None {
		return text
	}
	code := map[Colour]string{None: "", Red: "31", Yellow: "33", Green: "32"}[c]
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// cells measures a text by what terminals do: an accent takes no cell of its own, and a Chinese character or an emoji takes two.
// What the locale has to say of characters that may be either is left aside, so that a table is the same everywhere.
func cells() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

// Width is how many cells a text takes, Painted or not.
func Width(text string) (n int) {
	for {
		plain, paint, painted := strings.Cut(text, "\x1b[")
		n += cells().StringWidth(plain)
		if !painted {
			return n
		}
		_, text, _ = strings.Cut(paint, "m")
	}
}

// Wrapped are the lines of a text that is broken between words. A word that is longer than a line has one of its own, so that an
// address is never in two.
func Wrapped(text string, width int) (lines []string) {
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		n := Width(word)
		switch {
		case used == 0:
			line, used = word, n
		case used+1+n > width:
			lines = append(lines, line)
			line, used = word, n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// Hanging is a text whose lines after the first begin indent cells from the left, where begins may have more. It is broken only
// where it would not fit.
func (s Screen) Hanging(begins string, indent int, text string) string {
	if s.Width == 0 || text == "" || Width(begins+text) <= s.Width {
		return begins + text
	}
	first := Width(begins)
	indent = min(indent, s.Width/3)
	// The first line has less room: what stands for begins is a word that is not broken.
	stand := strings.Repeat("x", max(first-indent, 0))
	lines := Wrapped(stand+text, s.Width-indent)
	if len(lines) == 0 { // it is all spaces
		return begins
	}
	lines[0] = begins + strings.TrimPrefix(lines[0], stand)
	return strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

// cut is a text in so many cells. It is cut between words, so that no part of an address or a reference is taken for the whole:
// only where hardly anything would be left it is cut within one of another kind. Where tail is set its last word stays.
func cut(text string, width int, tail bool) string {
	if Width(text) <= width {
		return text
	}
	if at := strings.LastIndexByte(text, ' '); tail && at > 0 {
		last := text[at+1:]
		if room := width - Width(last) - len(" "); room >= width/4 {
			return cut(text[:at], room, false) + " " + last
		}
	}
	const mark = "…"
	head := cells().Truncate(text, width-Width(mark), "")
	at := strings.LastIndexByte(head, ' ')
	part, _, _ := strings.Cut(text[at+1:], " ")
	whole := strings.ContainsAny(text[len(head):][:1], " ,;:")
	if !whole && (strings.ContainsAny(part, "@0123456789") || at > 0 && Width(head[:at]) >= width/3) {
		head = head[:max(at, 0)]
	}
	return strings.TrimRight(head, " ,;:") + mark
}
