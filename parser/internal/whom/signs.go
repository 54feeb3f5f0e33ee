package whom

import (
	"slices"
	"strconv"
	"strings"

	"mfabot/parser/internal/mime"
)

// How far words are looked at around an address or a name, and how far those count as close.
const (
	far    = 9
	near   = 3
	beyond = 12  // for the nearest word that says anything
	widest = 400 // in bytes

	nextSize = 100 // of the sentence behind, in bytes
	shortest = 10  // that a sentence is, in bytes
)

// sign notes the signs of all candidates.
func (l *Letter) sign(all []*candidate) {
	if len(all) == 0 {
		return
	}
	several, rows := l.several(), inRows(all)
	said := l.numbers()
	nameAll(all)
	for _, c := range all {
		for _, m := range c.mentions {
			c.add("place", string(m.place))
			if m.lines != nil {
				c.around(m, "")
			}
		}
		c.kind(l)
		c.named(l)
		others := 0
		for _, o := range all {
			if o != c && !strings.EqualFold(o.address, l.From) && !o.only(isSender) && !o.only(inTail) {
				others++
			}
		}
		c.add("others", count(others))
		if c.alike {
			c.add("alike")
		}
		for _, says := range several {
			c.add("several", says, count(others))
		}
		if n := rows[c]; n > 1 {
			c.add("row", strconv.Itoa(min(n, 4)))
			c.add("row said", strconv.FormatBool(said[n]))
		}
		c.writer(l, others)
	}
}

// several returns what the letter says of how many are asked for.
func (l *Letter) several() (out []string) {
	n := 0
	for _, line := range l.words {
		for _, w := range line {
			if slices.Contains(saying[w.text], "several") {
				n++
				if !slices.Contains(out, w.text) {
					out = append(out, w.text)
				}
			}
		}
	}
	if n == 0 {
		out = append(out, "none")
	}
	return out
}

// numbers returns how many the letter says there are: numbers from 2 to 9 that do not begin a line.
func (l *Letter) numbers() map[int]bool {
	out := map[int]bool{}
	for i, line := range l.words {
		for _, w := range line {
			if n := numbers[w.text]; n > 0 && (i == 0 || w.at > 2 || len(w.text) > 2) {
				out[n] = true
			}
		}
	}
	return out
}

// numbers are words for several.
var numbers = map[string]int{
	"both": 2, "two": 2, "ddau": 2, "ddwy": 2, "pair": 2, "couple": 2, "2": 2, "x2": 2,
	"three": 3, "tri": 3, "tair": 3, "3": 3, "x3": 3,
	"four": 4, "pedwar": 4, "pedair": 4, "4": 4, "x4": 4,
	"five": 5, "pump": 5, "5": 5, "x5": 5,
	"six": 6, "6": 6, "seven": 7, "7": 7, "eight": 8, "8": 8,
}

// count says a number up to 2.
func count(n int) string { return strconv.Itoa(min(n, 2)) }

// kind notes what the address itself says.
func (c *candidate) kind(l *Letter) {
	local := localOf(c.address)
	switch mime.Domain(c.address) {
	case mime.Domain(l.From):
		c.add("domain:site")
	default:
		c.add("domain:other")
	}
	for _, w := range words(local) {
		c.add("local", w)
		for _, says := range saying[w] {
			c.add("Local", says)
		}
	}
	if !strings.ContainsAny(local, "._") {
		c.add("local:single")
	}
	if strings.EqualFold(c.address, l.Sender) {
		c.add("is:sender")
	}
	if strings.EqualFold(c.address, l.From) {
		c.add("is:from")
	}
}

// around notes the signs around a mention: in its clause, its line, and the lines above. of is what is mentioned.
func (c *candidate) around(m mention, of string) {
	line := m.lines[m.line]
	before, after := line[:m.start], line[min(m.end, len(line)):]
	before, after = before[max(0, len(before)-widest):], after[:min(len(after), widest)]
	c.label(line, m.start, of)
	c.above(m, of)
	if strings.TrimSpace(before) == "" {
		c.add(of + "line:begins")
		if len(strings.TrimSpace(after)) <= 1 {
			c.add(of + "line:alone")
		}
	}
	if i := strings.LastIndexAny(before, ".!?;"); i >= 0 && i+1 < len(before) && before[i+1] == ' ' {
		before = before[i+1:]
	}
	rest := ""
	if i := strings.IndexAny(after, ".!?;"); i >= 0 {
		after, rest = after[:i], after[i+1:]
	}
	c.next(m, rest, of)
	ahead := words(before)
	slices.Reverse(ahead)
	behind := words(after)
	c.dropped = c.dropped || c.drops(ahead, behind)
	c.side(ahead, of+"b")
	c.side(behind, of+"a")
	var about []string
	for _, w := range append(ahead, behind...) {
		for _, says := range saying[w] {
			if !slices.Contains(about, says) {
				about = append(about, says)
			}
		}
	}
	slices.Sort(about)
	for i, says := range about {
		c.add(of+"sentence", says)
		for _, other := range about[i+1:] {
			c.add(of+"sentence", says, other)
		}
	}
	c.add(of+"third", strconv.Itoa(3*(m.line+1)/len(m.lines)))
	if of == "" {
		c.add("words", strconv.Itoa(min(len(strings.Fields(line))/3, 4)))
	}
}

// next notes what the sentence behind that of a mention says, which begins with rest: up to another address.
func (c *candidate) next(m mention, rest, of string) {
	for i := m.line + 1; len(rest) < nextSize && i < min(len(m.lines), m.line+4); i++ {
		rest += " " + m.lines[i]
	}
	if i := strings.IndexByte(rest, '@'); i >= 0 {
		rest = rest[:max(0, strings.LastIndexByte(rest[:i], ' '))]
	}
	if i := strings.IndexAny(rest, ".!?;"); i >= shortest {
		rest = rest[:i]
	}
	ws := words(rest)
	for _, w := range ws[:min(len(ws), beyond)] {
		c.add(of+"next", w)
		for _, says := range saying[w] {
			c.add(of+"next says", says)
		}
	}
}

// side notes the words on one side of a mention, from the closest on.
func (c *candidate) side(words []string, side string) {
	for i, w := range words[:min(len(words), far)] {
		c.add(side, w)
		for _, says := range saying[w] {
			c.add(side, "says", says)
			if i < near {
				c.add(side, "says close", says)
			}
		}
		if i == 0 {
			c.add(side, "next", w)
		}
		if i <= near && i+1 < len(words) {
			c.add(side, w, words[i+1])
		}
	}
	for _, w := range words[:min(len(words), beyond)] {
		if len(saying[w]) > 0 {
			for _, says := range saying[w] {
				c.add(side, "says first", says)
			}
			break
		}
	}
}

// label notes what stands before a colon at the beginning of the line.
func (c *candidate) label(line string, start int, of string) {
	label, _, ok := strings.Cut(line, ":")
	if !ok || len(label) > 50 || len(label) > start {
		return
	}
	ws := words(label)
	c.add(of+"label", strings.Join(ws, " "))
	for _, w := range ws {
		c.add(of+"label has", w)
		for _, says := range saying[w] {
			c.add(of+"label says", says)
		}
	}
}

// above notes the line above, the heading above those with addresses, and whether the lines around have addresses.
func (c *candidate) above(m mention, of string) {
	last := func(s string, n int, kind string) {
		ws := words(s[max(0, len(s)-widest):])
		for _, w := range ws[max(0, len(ws)-n):] {
			c.add(of+kind, w)
			for _, says := range saying[w] {
				c.add(of+kind+" says", says)
			}
		}
	}
	for i := m.line - 1; i >= max(0, m.line-3); i-- {
		if s := strings.TrimSpace(m.lines[i]); s != "" {
			last(s, 6, "above")
			if strings.HasSuffix(s, ":") {
				c.add(of + "above:colon")
			}
			break
		}
	}
	for i := m.line - 1; i >= 0; i-- {
		if s := m.lines[i]; strings.TrimSpace(s) != "" && !strings.Contains(s, "@") {
			last(s, 8, "heading")
			break
		}
	}
	listed := 0
	for _, d := range []int{-2, -1, 1, 2} {
		if i := m.line + d; i >= 0 && i < len(m.lines) && strings.Contains(m.lines[i], "@") {
			listed++
		}
	}
	c.add(of+"listed", strconv.Itoa(listed))
}
