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
	roleBits = 15
)

// Somebody is asked for where that is at least so likely, and not much less than for whoever is asked for most surely;
// all as logarithms of odds.
const (
	surely = 0.8
	behind = 0.8
	quite  = 1.2  // so sure that it does not matter how sure it is of others
	atAll  = -0.5 // for the one who is asked for most surely
	alone  = -0.9 // for one who alone is named in the text
	beside = 0.4  // how much less sure it is of somebody who stands beside one who is asked for,
	apart  = -0.5 // unless it is surer than this that they are not
)

// join makes it as sure that somebody is asked for as of another who stands beside them.
func (c *candidate) join(other *candidate) {
	if c.sure > apart {
		c.sure = max(c.sure, other.sure-beside)
	}
}

// Reader tells for whom letters ask.
type Reader struct{ model *learn.Model }

// NewReader returns a Reader with what is compiled in.
func NewReader() *Reader { return &Reader{learn.Read(rolesTable, roleLabels)} }

// Person is somebody for whom a letter asks.
type Person struct {
	Address string
	Name    string // empty where the letter does not give it
}

// Asked returns those for whom a letter asks, in the order in which they stand there.
func (r *Reader) Asked(l Letter) (out []Person) {
	for _, c := range r.weigh(&l) {
		out = append(out, Person{c.address, c.name(&l)})
	}
	return out
}

// weigh returns those who are asked for.
func (r *Reader) weigh(l *Letter) (asked []*candidate) {
	all := l.candidates()
	l.sign(all)
	for _, c := range all {
		says := r.model.Says(r.model.Votes(c.signs.Features()))
		c.sure = says[isAsked] - says[notAsked]
	}
	joined := pairs(all)
	for _, p := range joined {
		p.second.join(p.first)
	}
	slices.Reverse(joined)
	for _, p := range joined {
		p.first.join(p.second)
	}
	most := math.Inf(-1)
	named := 0
	for _, c := range all {
		if !c.isBeside() {
			named++
		}
	}
	for _, c := range all {
		if c.sure >= c.bar(named) {
			most = max(most, c.sure)
		}
	}
	for _, c := range all {
		if c.sure == most && most >= c.bar(named) || c.sure >= quite || c.sure >= surely && c.sure >= most-behind {
			asked = append(asked, c)
		}
	}
	return oneWriter(asked)
}

// isBeside reports whether the text does not name them.
func (c *candidate) isBeside() bool {
	return c.only(isSender) || c.only(inTail) || c.only(inSubject) || c.only(inCc)
}

// bar is how sure it must be of the one who is asked for most surely: less where the text names them, of so many.
func (c *candidate) bar(named int) float64 {
	switch {
	case c.only(isSender) || c.only(inTail) || c.only(inSubject):
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
		for _, c := range all {
			label := notAsked
			if slices.Contains(lesson.Asked, strings.ToLower(c.address)) {
				label = isAsked
			}
			examples = append(examples, learn.Example{Features: c.signs.Features(), Label: label})
		}
	}
	return learn.Learn(roleLabels, roleBits, examples)
}
