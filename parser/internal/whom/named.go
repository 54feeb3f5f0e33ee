package whom

import (
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// ofName is the kind of the signs around a name.
const ofName = "name "

// shortestName is how long a word of an address is, in bytes, that is looked for as a name.
const shortestName = 3

// nameAll finds the words of the names that the addresses have. What two of them share tells neither from the other, as
// long as they have more.
func nameAll(all []*candidate) {
	have := map[string]int{}
	for _, c := range all {
		c.names = namesOf(c.address)
		for _, w := range c.names {
			have[w]++
		}
	}
	for _, c := range all {
		own := slices.DeleteFunc(slices.Clone(c.names), func(w string) bool { return have[w] > 1 })
		c.alike = len(own) < len(c.names)
		if len(own) > 0 {
			c.names = own
		}
	}
}

// namesOf returns the words of the name that an address has.
func namesOf(address string) (names []string) {
	isPart := func(r rune) bool { return r == '-' || !text.NotLetter(r) && (r < '0' || r > '9') }
	for w := range strings.FieldsFuncSeq(localOf(address), func(r rune) bool { return !isPart(r) }) {
		if len(w) >= shortestName && !slices.Contains(names, w) {
			names = append(names, w)
		}
	}
	return names
}

// names reports whether a name that an address has stands in what the writer wrote, other than at its end.
func (l *Letter) names(address string) bool {
	names := namesOf(address)
	last := len(l.Own) - 1
	for last > 0 && len(l.words[last+1]) <= longestName {
		last--
	}
	return slices.ContainsFunc(l.words[1:last+2], func(line []word) bool {
		return slices.ContainsFunc(line, func(w word) bool { return slices.Contains(names, w.text) })
	})
}

// named notes where the name stands that belongs to an address, and the signs around it.
func (c *candidate) named(l *Letter) {
	if len(c.names) == 0 {
		return
	}
	for i, line := range l.Own {
		c.eachName(line, l.words[i+1], func(start, end int) {
			c.add("name:text")
			c.around(mention{inText, l.Own, i, start, end}, ofName)
			if len(strings.Fields(line)) <= 4 && i >= len(l.Own)-4 {
				c.add("name:below")
			}
		})
	}
	c.eachName(l.Subject, l.words[0], func(start, end int) { c.add("name:subject") })
	for i, line := range l.Tail {
		c.eachName(line, l.tail[i], func(start, end int) {
			c.add("name:tail")
			if i < 2 {
				c.add("name:below")
			}
		})
	}
}

// eachName calls found with each word of a line that is one of the names, outside addresses. words are those of the line.
func (c *candidate) eachName(line string, words []word, found func(start, end int)) {
	var addresses [][2]int
	for _, w := range words {
		if !slices.Contains(c.names, w.text) {
			continue
		}
		if addresses == nil && strings.Contains(line, "@") {
			addresses = mime.FindAddresses(line)
		}
		inside := func(a [2]int) bool { return a[0] <= w.at && w.at < a[1] }
		if !slices.ContainsFunc(addresses, inside) {
			found(w.at, w.at+len(w.text))
		}
	}
}

// first are the words by which writers speak of themselves.
var first = text.WordSet("i i'm im i've ive me my mine myself fi fy")

// writer notes of who may be the writer how they speak of themselves.
func (c *candidate) writer(l *Letter, others int) {
	if !c.has("is:sender") && !c.has("name:below") {
		return
	}
	c.add("writer", count(others))
	for _, line := range l.words {
		for i, w := range line {
			if !first[w.text] {
				continue
			}
			c.speaks = true
			c.add("writer says", w.text, count(others))
			if i+1 < len(line) {
				c.add("writer", w.text, line[i+1].text)
			}
			if i > 0 {
				c.add("writer", line[i-1].text, w.text)
			}
		}
	}
}
