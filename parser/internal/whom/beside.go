package whom

import (
	"slices"
	"strings"
)

// pair are two whose addresses stand beside each other in the text, as those of several who are asked for do.
type pair struct{ first, second *candidate }

// concerned say that somebody is another than who stands beside them.
var concerned = []string{"manager", "evidence", "contact", "former", "deny", "office", "writer", "new", "example", "private"}

// mostBetween is how many words may stand between two addresses in a row.
const mostBetween = 5

// mostBehind is how many words behind the second are looked at.
const mostBehind = 6

// pairs returns those who stand beside each other, in the order of the text.
func pairs(all []*candidate) (out []pair) {
	type standing struct {
		*candidate
		mention
	}
	var row []standing
	for _, c := range all {
		for _, m := range c.mentions {
			if m.place == inText {
				row = append(row, standing{c, m})
				break
			}
		}
	}
	slices.SortFunc(row, func(a, b standing) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.start - b.start
	})
	for i := 1; i < len(row); i++ {
		if a, b := row[i-1], row[i]; isBeside(a.mention, b.mention) {
			out = append(out, pair{a.candidate, b.candidate})
		}
	}
	return out
}

// inRows returns how many stand in the row of each who stands beside others.
func inRows(all []*candidate) map[*candidate]int {
	row := map[*candidate]*int{}
	for _, p := range pairs(all) {
		if row[p.first] == nil {
			row[p.first] = new(1)
		}
		*row[p.first]++
		row[p.second] = row[p.first]
	}
	out := map[*candidate]int{}
	for c, n := range row {
		out[c] = *n
	}
	return out
}

// isBeside reports whether nothing between two addresses says that they are of people who are otherwise concerned: a few
// words in a row, or the rest of a line of a list.
func isBeside(a, b mention) bool {
	if b.line-a.line > 2 {
		return false
	}
	before, after := a.lines[a.line], b.lines[b.line]
	var between string
	if a.line == b.line {
		between = before[min(a.end, len(before)):b.start]
	} else {
		if b.line-a.line == 2 && strings.TrimSpace(a.lines[a.line+1]) != "" {
			return false
		}
		between = before[min(a.end, len(before)):] + " " + after[:b.start]
		if diff := len(words(before[:a.start])) - len(words(after[:b.start])); diff < -2 || diff > 2 {
			return false
		}
	}
	ws := words(between)
	if a.line == b.line && (len(ws) > mostBetween || strings.ContainsAny(between, ".?:")) {
		return false
	}
	rest := after[min(b.end, len(after)):]
	if i := strings.IndexAny(rest, ".;!?"); i >= 0 {
		rest = rest[:i]
	}
	behind := words(rest)
	return !slices.ContainsFunc(append(ws, behind[:min(len(behind), mostBehind)]...), func(w string) bool {
		return slices.ContainsFunc(saying[w], func(s string) bool { return slices.Contains(concerned, s) })
	})
}
