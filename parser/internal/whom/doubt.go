package whom

import (
	_ "embed"
	"math"
	"slices"
	"strconv"

	"mfabot/parser/internal/learn"
)

//go:embed doubts.bin
var doubtsTable []byte

// The labels of the model that tells whether those who seem to be asked for are, and the size of its table.
const (
	isRight = iota
	isWrong
	doubtLabels
	doubtBits = 15
)

// Nobody is asked for where it is likelier than this that one of them is not: the logarithm of the odds.
const doubtful = -1.5

// isDoubtful reports whether the letter as a whole speaks against that those are asked for who seem to be. An answer that
// names one may be nothing but the name.
func (r *Reader) isDoubtful(l *Letter, all, asked []*candidate) bool {
	if len(asked) == 0 || l.answers && named(all) == 1 {
		return false
	}
	says := r.doubts.Says(r.doubts.Votes(l.doubts(all, asked)))
	return says[isWrong]-says[isRight] > doubtful
}

// doubts are the signs of it: how many are asked for and how many not, how sure that is of each, and the words of the
// letter, such as "only", "she" or "ignore", which say something else where one is asked for than where several are.
func (l *Letter) doubts(all, asked []*candidate) []learn.Feature {
	var signs learn.Set
	add := func(parts ...string) { signs.Add(learn.Of(parts...)) }
	least, most := math.Inf(1), math.Inf(-1) // how sure it is of those who are asked for, and of others
	others := 0
	for _, c := range all {
		who := "beside"
		switch {
		case slices.Contains(asked, c):
			who, least = "asked", min(least, c.sure)
		case !c.isBeside():
			who, most = "other", max(most, c.sure)
			others++
		}
		c.doubts(who, add)
	}
	n, said := strconv.Itoa(min(len(asked), 4)), l.numbers()
	add("asked", n)
	add("named", strconv.Itoa(min(named(all), 5)))
	add("others", strconv.Itoa(min(others, 4)))
	add("least", step(least))
	add("least", step(least), n)
	add("said", n, strconv.FormatBool(said[len(asked)]), strconv.FormatBool(len(said) > 0))
	kind := "alone"
	if others > 0 {
		kind = "one"
		add("most", step(most))
		add("apart", step(least-most))
	}
	if len(asked) > 1 {
		kind = "several"
	}
	for _, line := range l.words {
		before := "^"
		for _, said := range line {
			w := said.text
			if slices.ContainsFunc(all, func(c *candidate) bool { return slices.Contains(c.names, w) }) {
				w = "@"
			}
			add(kind, w)
			add(kind, before, w)
			before = w
		}
	}
	return signs.Features()
}

// doubts are the signs of one who is or is not asked for: what is said of them, and whether another is called like them.
func (c *candidate) doubts(who string, add func(parts ...string)) {
	if c.alike {
		add("alike", who)
	}
	for _, says := range classes {
		for _, where := range []string{"sentence", "next says", ofName + "sentence"} {
			if c.has(where, says) {
				add(where, who, says)
			}
		}
	}
}

// step returns how sure something is, in halves.
func step(sure float64) string { return strconv.Itoa(int(math.Floor(2 * max(-4, min(5, sure))))) }

// folds are the parts of the lessons of which each is read after the others.
const folds = 4

// LearnDoubts returns the table of what is to be learnt from how lessons are misread that are not known.
func LearnDoubts(lessons []Lesson) []byte {
	people := make([][]*candidate, len(lessons))
	for i := range lessons {
		l := &lessons[i].Letter
		people[i] = l.candidates()
		l.sign(people[i])
	}
	var examples []learn.Example
	for fold := range folds {
		var others []learn.Example
		for i, l := range lessons {
			if i%folds != fold {
				others = append(others, l.examples(people[i])...)
			}
		}
		r := &Reader{roles: learn.Read(learn.Learn(roleLabels, roleBits, others), roleLabels)}
		for i := fold; i < len(lessons); i += folds {
			l := lessons[i]
			asked := r.weigh(&l.Letter, people[i])
			if len(asked) == 0 {
				continue
			}
			label := isRight
			if slices.ContainsFunc(asked, func(c *candidate) bool { return !l.asksFor(c) }) {
				label = isWrong
			}
			examples = append(examples, learn.Example{Features: l.Letter.doubts(people[i], asked), Label: label})
		}
	}
	return learn.Learn(doubtLabels, doubtBits, examples)
}
