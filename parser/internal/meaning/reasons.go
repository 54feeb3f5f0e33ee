package meaning

import (
	_ "embed"
	"fmt"
	"slices"

	"mfabot/parser/internal/learn"
)

// What a text may say instead of a reason for the long term.
const (
	Short = "short" // something of today or a day
	None  = "none"  // nothing
)

// Labels of the model that is compiled in, by the identifiers of the policy's reasons.
func reasonLabels() []string {
	return []string{"accessibility", "clinical-risk", "secure-location", "other", Short, None}
}

//go:embed reasons.bin
var reasonsTable []byte

// ReasonBits is the size of the table of reasons: room for 1<<ReasonBits features.
const ReasonBits = 16

// Reasons tells the reasons of a policy.
type Reasons struct {
	model  *learn.Model
	labels []string // None is the last
}

// NewReasons returns what is known of reasons from the examples that are compiled in.
func NewReasons() *Reasons {
	return &Reasons{learn.Read(reasonsTable, len(reasonLabels())), reasonLabels()}
}

// Passage is an example: a piece of a text, and the reason that it gives.
type Passage struct {
	Text   string `json:"t"`
	Reason string `json:"r"`
}

// LearnReasons returns the table of what passages teach.
func LearnReasons(passages []Passage) ([]byte, error) {
	return learnPassages(reasonLabels(), ReasonBits, passages)
}

func learnPassages(labels []string, bits int, passages []Passage) ([]byte, error) {
	var examples []learn.Example
	for _, p := range passages {
		label := slices.Index(labels, p.Reason)
		if label < 0 {
			return nil, fmt.Errorf("no such label as %q: %q", p.Reason, p.Text)
		}
		e := learn.Example{Label: label}
		for _, s := range Take(p.Text) {
			e.Features = append(e.Features, s.features...)
		}
		examples = append(examples, e)
	}
	return learn.Learn(len(labels), bits, examples), nil
}

// Said is how much a text speaks for something, rather than for nothing.
type Said struct {
	Label string
	Score float64
}

// Read returns how much a text speaks for each reason and for Short, the most first. One that is argued in
// a sentence or two counts as much as one that all of the text is about.
func (r *Reasons) Read(t Text) []Said {
	none := len(r.labels) - 1
	best := make([]float64, none)
	for k := range best {
		best[k] = -99
	}
	var before, all learn.Votes
	rate := func(v learn.Votes) {
		says := r.model.Says(v)
		for k := range best {
			best[k] = max(best[k], says[k]-says[none])
		}
	}
	for _, s := range t {
		now := r.model.Votes(s.features)
		rate(now)
		rate(before.Plus(now))
		before, all = now, all.Plus(now)
	}
	whole := r.model.Says(all)
	out := make([]Said, none)
	for k := range out {
		out[k] = Said{r.labels[k], best[k] + (whole[k]-whole[none])/2}
	}
	slices.SortStableFunc(out, func(a, b Said) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out
}
