package whom

import (
	_ "embed"
	"math"
	"slices"
	"strings"

	"mfabot/parser/internal/learn"
)

//go:embed roles.bin
var rolesTable []byte

// The labels of the model, and the size of its table: room for 1<<roleBits features.
const (
	notAsked = iota
	isAsked
	roleLabels
	roleBits = 16
)

// Somebody is asked for where that is at least so likely, and not much less than for whoever is asked for most surely;
// all as logarithms of odds.
const (
	surely = 0.8
	behind = 0.8
	quite  = 1.2  // so sure that it does not matter how sure it is of others
	atAll  = -0.5 // for the one who is asked for most surely
	alone  = -0.9 // for one who alone is named in the text
	beside = -0.5 // for one who stands beside another who is asked for
)

// Reader tells for whom letters ask.
type Reader struct{ roles, doubts *learn.Model }

// NewReader returns a Reader with what is compiled in.
func NewReader() *Reader {
	return &Reader{learn.Read(rolesTable, roleLabels), learn.Read(doubtsTable, doubtLabels)}
}

// Person is somebody for whom a letter asks.
type Person struct {
	Address string
	Name    string // empty where the letter does not give it
}

// Asked returns those for whom a letter asks, in the order in which they stand there; nobody where that is in doubt.
func (r *Reader) Asked(l Letter) (out []Person) {
	all := l.candidates()
	l.sign(all)
	asked := r.weigh(&l, all)
	if r.isDoubtful(&l, all, asked) {
		return nil
	}
	for _, c := range asked {
		out = append(out, Person{c.address, c.name(&l)})
	}
	return out
}

// weigh returns those of all who seem to be asked for.
func (r *Reader) weigh(l *Letter, all []*candidate) []*candidate {
	for _, c := range all {
		says := r.roles.Says(r.roles.Votes(c.signs.Features()))
		c.sure = says[isAsked] - says[notAsked]
		if c.dropped {
			c.sure = math.Inf(-1)
		}
	}
	most, named := math.Inf(-1), named(all)
	for _, c := range all {
		if c.sure >= c.bar(l, named) {
			most = max(most, c.sure)
		}
	}
	for _, c := range all {
		c.asked = c.sure == most && most >= c.bar(l, named) || c.sure >= quite || c.sure >= surely && c.sure >= most-behind
	}
	joined := pairs(all)
	for _, p := range joined {
		p.first.joins(p.second)
	}
	slices.Reverse(joined)
	for _, p := range joined {
		p.second.joins(p.first)
	}
	return oneWriter(slices.DeleteFunc(slices.Clone(all), func(c *candidate) bool { return !c.asked }))
}

// joins lets another who stands beside somebody who is asked for be asked for as well.
func (c *candidate) joins(other *candidate) {
	other.asked = other.asked || c.asked && other.sure > beside
}

// named returns how many the text names.
func named(all []*candidate) (n int) {
	for _, c := range all {
		if !c.isBeside() {
			n++
		}
	}
	return n
}

// isBeside reports whether the text does not name them.
func (c *candidate) isBeside() bool {
	return c.only(isSender) || c.only(inTail) || c.only(inSubject) || c.only(inCc)
}

// asks reports whether the text has a word of those who ask for something.
func (l *Letter) asks() bool {
	return slices.ContainsFunc(l.words[1:], func(line []word) bool {
		return slices.ContainsFunc(line, func(w word) bool { return slices.Contains(saying[w.text], "ask") })
	})
}

// bar is how sure it must be of the one who is asked for most surely: less where the text names them, of so many.
func (c *candidate) bar(l *Letter, named int) float64 {
	switch {
	case c.only(isSender), c.only(inTail), c.only(inSubject), c.has("name:below") && !c.speaks && !l.asks() && !l.answers:
		return surely
	case named == 1 && !c.isBeside():
		return alone
	}
	return atAll
}

// oneWriter leaves out an address of the writer where they have another: that of the Sender field below a signature's,
// and above any other.
func oneWriter(asked []*candidate) []*candidate {
	sends := func(c *candidate) bool { return c.only(isSender) }
	if len(asked) < 2 || !slices.ContainsFunc(asked, sends) {
		return asked
	}
	others := slices.DeleteFunc(slices.Clone(asked), sends)
	if slices.ContainsFunc(others, func(c *candidate) bool { return !c.has("name:below") || !c.has("line:alone") }) {
		return others
	}
	return slices.DeleteFunc(asked, func(c *candidate) bool { return !sends(c) })
}

// Lesson is a letter of which it is known for whom it asks.
type Lesson struct {
	Letter Letter
	Asked  []string // in lower case
}

// LearnRoles returns the table of what lessons teach.
func LearnRoles(lessons []Lesson) []byte {
	var examples []learn.Example
	for _, lesson := range lessons {
		all := lesson.Letter.candidates()
		lesson.Letter.sign(all)
		examples = append(examples, lesson.examples(all)...)
	}
	return learn.Learn(roleLabels, roleBits, examples)
}

// examples are what a lesson teaches of those who may be asked for.
func (l Lesson) examples(all []*candidate) (out []learn.Example) {
	for _, c := range all {
		label := notAsked
		if l.asksFor(c) {
			label = isAsked
		}
		out = append(out, learn.Example{Features: c.signs.Features(), Label: label})
	}
	return out
}

func (l Lesson) asksFor(c *candidate) bool {
	return slices.Contains(l.Asked, strings.ToLower(c.address))
}
