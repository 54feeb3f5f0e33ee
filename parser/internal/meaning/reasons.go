package meaning

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mfabot/parser/internal/learn"
)

// What a text may say instead of a reason for the long term.
const (
	Short = "short" // something of today or a day
	None  = "none"  // nothing
)

// reasonLabels are the labels of the model that is compiled in, by the identifiers of the policy's reasons.
func reasonLabels() []string {
	return []string{"accessibility", "clinical-risk", "secure-location", "other", Short, None}
}

//go:embed reasons.bin
var reasonsTable []byte

// reasonBits is the size of the table of reasons: room for 1<<reasonBits features.
const reasonBits = 17

// Reasons tells the reasons of a policy.
type Reasons struct {
	model  *learn.Model
	labels []string // None is the last
}

// lessons teach the reasons that are compiled in, and are learnt again where a policy has examples of its own.
//
//go:embed lessons/reasons.jsonl
var lessons []byte

// exampleWorth is how many lessons an example of the policy counts for.
const exampleWorth = 3

// NewReasons returns what is known of reasons from the lessons that are compiled in, and from examples of a policy, which
// may be of other reasons. Learning takes some seconds; without examples nothing is learnt anew.
func NewReasons(examples []Passage) *Reasons {
	labels := reasonLabels()
	if len(examples) == 0 {
		return &Reasons{learn.Read(reasonsTable, len(labels)), labels}
	}
	var passages []Passage
	for line := range bytes.Lines(lessons) {
		var p Passage
		if json.Unmarshal(line, &p) == nil {
			passages = append(passages, p)
		}
	}
	for _, e := range examples {
		if !slices.Contains(labels, e.Reason) {
			labels = slices.Insert(labels, len(labels)-1, e.Reason)
		}
		passages = append(passages, slices.Repeat([]Passage{e}, exampleWorth)...)
	}
	table, err := learnReasons(labels, passages)
	if err != nil { // every label is there
		panic(err)
	}
	return &Reasons{learn.Read(table, len(labels)), labels}
}

// Passage is an example: a piece of a text, and the reason that it gives.
type Passage struct {
	Text   string `json:"t"`
	Reason string `json:"r"`
}

// LearnReasons returns the table of what passages teach.
func LearnReasons(passages []Passage) ([]byte, error) { return learnReasons(reasonLabels(), passages) }

func learnReasons(labels []string, passages []Passage) ([]byte, error) {
	var examples []learn.Example
	words := NewWords()
	for _, p := range passages {
		label := slices.Index(labels, p.Reason)
		if label < 0 {
			return nil, fmt.Errorf("no such label as %q: %q", p.Reason, p.Text)
		}
		examples = append(examples, learn.Example{Features: words.Take(p.Text).features(), Label: label})
	}
	return learn.Learn(len(labels), reasonBits, examples), nil
}

// Reading is what was read of reasons in a text.
type Reading struct {
	// Scores are how much the text speaks for each reason and for Short, rather than for None: logarithms of odds.
	Scores map[string]float64

	reasons *Reasons
	text    Text
	votes   []learn.Votes // of each sentence
}

// Read reads a text. A reason that is argued in a sentence or two counts as much as one that all of the text is about. What only
// says the first sentence again, as a subject is often all of a message, counts once.
func (r *Reasons) Read(t Text) Reading {
	none := len(r.labels) - 1
	out := Reading{Scores: make(map[string]float64, none), reasons: r, text: t, votes: make([]learn.Votes, len(t))}
	best := slices.Repeat([]float64{-99}, none)
	var before, all learn.Votes
	rate := func(v learn.Votes) {
		says := r.model.Says(v)
		for k := range best {
			best[k] = max(best[k], says[k]-says[none])
		}
	}
	for i, s := range t {
		if i > 0 && s.says(t[0].sentence) {
			continue
		}
		now := r.model.Votes(s.features)
		rate(now)
		rate(before.Plus(now))
		out.votes[i], before, all = now, now, all.Plus(now)
	}
	whole := r.model.Says(all)
	for k, most := range best {
		out.Scores[r.labels[k]] = most + (whole[k]-whole[none])/2
	}
	return out
}

// Few reports whether a text has no more than two different words that say anything: so few leave open what they are about,
// unless they are a reason themselves.
func (r Reading) Few() bool {
	stems := map[string]bool{}
	for _, s := range r.text {
		for _, w := range s.sentence {
			if !little[w.text] && !w.isName && !strings.Contains(w.text, "@") {
				stems[w.stem] = true
			}
		}
	}
	return len(stems) <= 2
}
