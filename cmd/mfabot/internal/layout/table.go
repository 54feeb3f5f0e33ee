package layout

import (
	"io"
	"slices"
	"strings"
)

// Column is a column of a table.
type Column struct {
	Head   string
	Weight int  // where not all fit, those of the greatest weight are shown; 0: it always is
	Number bool // its values end below each other
	Least  int  // its values are words of people, and may be cut to so many cells; 0: they never are
	Tail   bool // but for the last word of each, such as a reference
	Wrap   bool // with Least: none is cut, and what has no room goes below
	// Colour is that of a value; nil: none.
	Colour func(value string) Colour
}

const (
	gap = 2 // between columns
	// few is how wide a column is at most for the sake of few values that cannot be cut, as long as not everything fits. Of a row
	// with a longer one, what comes after that goes below, so that the address of one does not take the room of all.
	few = 30
	// held is how many rows are held for the width of the columns: the others are printed by the same.
	held = 500
)

// Table prints rows in columns under a header. It must be flushed.
type Table struct {
	to      io.Writer
	screen  Screen
	columns []Column
	rows    [][]string
	shown   []int // the columns that are shown; nil before the first rows are laid out
	widths  []int // of all columns
}

// NewTable returns a table with no row yet. On a screen without a width each row is one line that has everything.
func NewTable(to io.Writer, on Screen, columns ...Column) *Table {
	return &Table{to: to, screen: on, columns: columns}
}

// Row adds a row, which has a value for each column.
func (t *Table) Row(values ...string) error {
	t.rows = append(t.rows, values)
	if len(t.rows) < held {
		return nil
	}
	return t.Flush()
}

// Flush prints the rows.
func (t *Table) Flush() error {
	var out strings.Builder
	if t.shown == nil {
		t.layOut()
		heads := make([]string, len(t.columns))
		for i, c := range t.columns {
			heads[i] = c.Head
		}
		t.line(&out, heads, false)
	}
	for _, row := range t.rows {
		for _, line := range t.lines(row) {
			t.line(&out, line, true)
		}
	}
	t.rows = nil
	_, err := io.WriteString(t.to, out.String())
	return err
}

// LeftOut are the heads of the columns that were not shown, although there was something in them.
func (t *Table) LeftOut() (heads []string) {
	for i, c := range t.columns {
		if t.widths[i] > 0 && !slices.Contains(t.shown, i) {
			heads = append(heads, c.Head)
		}
	}
	return heads
}

// layOut chooses the columns that are shown, and how wide they are.
func (t *Table) layOut() {
	t.widths = make([]int, len(t.columns))
	t.shown = []int{}
	for i, c := range t.columns {
		said := len(t.rows) == 0 || len(t.rows) == held // more may come
		for _, row := range t.rows {
			t.widths[i] = max(t.widths[i], Width(row[i]))
			said = said || row[i] != "" && row[i] != "-"
		}
		t.shown = append(t.shown, i)
		if !said && c.Weight > 0 {
			t.widths[i] = 0 // nothing is lost where it is not shown
			continue
		}
		t.widths[i] = max(t.widths[i], Width(c.Head))
	}
	natural := slices.Clone(t.widths)
	for i, c := range t.columns {
		natural[i] = max(natural[i], Width(c.Head))
	}
	if t.screen.Width == 0 || t.taken(t.shown, natural) <= t.screen.Width {
		t.widths = natural
		return
	}
	t.fit()
}

// taken is how many cells a line with these columns takes.
func (t *Table) taken(columns, widths []int) int {
	n := max(len(columns)-1, 0) * gap
	for _, i := range columns {
		n += widths[i]
	}
	return n
}

// fit chooses from the columns as many as fit, by weight, at the least width that each can do with. Then it spreads what is left
// of the line.
func (t *Table) fit() {
	least := slices.Clone(t.widths)
	var byWeight []int
	for i, c := range t.columns {
		switch {
		case t.widths[i] == 0:
			continue
		case c.Least > 0:
			least[i] = min(least[i], max(c.Least, Width(c.Head)))
		case least[i] > few:
			least[i] = t.usual(i)
		}
		byWeight = append(byWeight, i)
	}
	slices.SortStableFunc(byWeight, func(a, b int) int { return t.rank(b) - t.rank(a) })
	t.shown = nil
	before := slices.Clone(least) // a text does not make way for a column that weighs less
	for _, i := range byWeight {
		with := append(slices.Clone(t.shown), i)
		if t.columns[i].Weight > 0 && t.taken(with, before) > t.screen.Width {
			continue
		}
		t.shown = with
		if t.columns[i].Least > 0 {
			before[i] = min(t.widths[i], 2*least[i])
		}
	}
	slices.Sort(t.shown)
	for _, wanted := range [][]int{before, t.widths} {
		for _, i := range t.shown {
			spare := t.screen.Width - t.taken(t.shown, least)
			if more := wanted[i] - least[i]; more <= spare {
				least[i] += more
			} else if t.columns[i].Least > 0 {
				least[i] += max(spare, 0)
			}
		}
	}
	for _, i := range t.shown {
		t.widths[i] = least[i]
	}
}

// usual is the width of a column whose values cannot be cut: of those that are not wider than most of them are, and that leave room
// for the columns that are always shown.
func (t *Table) usual(i int) int {
	var widths []int
	for _, row := range t.rows {
		widths = append(widths, Width(row[i]))
	}
	slices.Sort(widths)
	room := t.screen.Width
	for k, c := range t.columns {
		switch {
		case k == i || c.Weight > 0:
		case c.Least > 0:
			room -= min(t.widths[k], c.Least) + gap
		default:
			room -= t.widths[k] + gap
		}
	}
	bound := max(few, min(widths[(len(widths)-1)*3/4], room))
	usual := Width(t.columns[i].Head)
	for _, n := range widths {
		if n <= bound {
			usual = max(usual, n)
		}
	}
	return usual
}

// rank is the weight of a column, of which none is the greatest.
func (t *Table) rank(i int) int {
	if t.columns[i].Weight == 0 {
		return 1 << 16
	}
	return t.columns[i].Weight
}

// lines are those of a row: several where a value goes on below. What comes after that stands in the last of them.
func (t *Table) lines(row []string) (all [][]string) {
	for _, i := range t.shown {
		if !t.columns[i].Wrap || t.screen.Width == 0 || Width(row[i]) <= t.widths[i] {
			continue
		}
		for k, words := range Wrapped(row[i], t.widths[i]) {
			line := make([]string, len(row))
			if k == 0 {
				copy(line, row[:i])
			}
			line[i] = words
			all = append(all, line)
		}
		copy(all[len(all)-1][i+1:], row[i+1:])
		return all
	}
	return [][]string{row}
}

// line writes one row. What follows a value that is too long for its column goes below it, in its own columns.
func (t *Table) line(out *strings.Builder, values []string, painted bool) {
	at, begins := 0, 0 // where the line is, and where the column begins
	for _, i := range t.shown {
		c, value := t.columns[i], values[i]
		if t.screen.Width > 0 && c.Least > 0 {
			value = cut(value, t.widths[i], c.Tail)
		}
		start, n := begins, Width(value)
		if c.Number {
			start += max(t.widths[i]-n, 0)
		}
		begins += t.widths[i] + gap
		if value == "" {
			continue
		}
		switch {
		case at == 0 || at+gap <= start:
		case t.screen.Width > 0:
			out.WriteByte('\n')
			at = 0
		default: // a row that was not held has a longer value
			start = at + gap
		}
		out.WriteString(strings.Repeat(" ", start-at))
		at = start + n
		if painted && c.Colour != nil {
			value = t.screen.Painted(c.Colour(value), value)
		}
		out.WriteString(value)
	}
	out.WriteByte('\n')
}
