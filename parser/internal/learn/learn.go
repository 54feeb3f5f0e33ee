package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Example is something of which it is known what it is.
type Example struct {
	Features []Feature
	Label    int
}

// How the weights are found. They were chosen by cross-validation.
const (
	passes = 30    // over all examples
	rate   = 0.1   // of the first steps; AdaGrad makes them smaller
	small  = 0.001 // how much weights are drawn to 0
	seldom = 2     // what fewer examples have than this is left out
)

// Learn returns the table of the model that tells so many labels apart as the examples do, with room for 1<<bits
// features. The same examples give the same table.
func Learn(labels, bits int, examples []Example) []byte {
	l := &learner{labels: labels, mask: 1<<bits - 1, cells: make([]cell, labels<<bits), bias: make([]float64, labels),
		p: make([]float64, labels)}
	known := l.known(examples)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range passes {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.step(some(known[i], random), examples[i].Label)
		}
	}
	row := rowSize(labels)
	out := make([]byte, row, row*(1+1<<bits))
	for k, w := range l.bias {
		out[k] = inTable(w)
	}
	for cells := range slices.Chunk(l.cells, labels) {
		weights := make([]byte, row)
		for k, c := range cells {
			weights[k] = inTable(float64(c.weight))
			if weights[k] != 0 {
				weights[labels] = 1
			}
		}
		out = append(out, weights...)
	}
	return out
}

// inTable returns a weight as the table has it.
func inTable(w float64) byte { return byte(int8(math.Round(max(-127, min(127, w*scale))))) }

// learner is the state of learning.
type learner struct {
	labels int
	mask   uint32
	cells  []cell // by feature and label
	bias   []float64
	p      []float64 // what the weights say of an example
}

// cell is a weight, and the squares of all steps that it was moved by.
type cell struct{ weight, moved float32 }

// known returns where the weights of the features of each example are, without what is seen too seldom.
func (l *learner) known(examples []Example) [][]int {
	count := make([]int, l.mask+1)
	for _, e := range examples {
		own := slices.Clone(e.Features)
		slices.Sort(own)
		for _, f := range slices.Compact(own) {
			count[uint32(f)&l.mask]++
		}
	}
	out := make([][]int, len(examples))
	for i, e := range examples {
		for _, f := range e.Features {
			if at := uint32(f) & l.mask; count[at] >= seldom {
				out[i] = append(out[i], int(at)*l.labels)
			}
		}
	}
	return out
}

// some returns about half of what an example has, by lot: what is met later never has all that is learnt from, so that
// nothing may hang on a few signs. It changes the order of the others.
func some(at []int, random *rand.Rand) []int {
	n := 0
	for i := range at {
		if random.Uint32()&1 == 0 {
			at[n], at[i] = at[i], at[n]
			n++
		}
	}
	return at[:n]
}

// step moves the weights towards one example, of which about half is seen. The conversions keep machines from adding up in
// one step what others do in two, so that all learn the same.
func (l *learner) step(at []int, label int) {
	if len(at) == 0 {
		return
	}
	norm := math.Sqrt(2 / float64(len(at)))
	copy(l.p, l.bias)
	for _, i := range at {
		for k, c := range l.cells[i : i+len(l.p)] {
			l.p[k] += float64(float64(c.weight) * norm)
		}
	}
	softmax(l.p)
	l.p[label]--
	for k, g := range l.p {
		l.bias[k] -= float64(0.01 * g)
	}
	for _, i := range at {
		cells := l.cells[i : i+len(l.p)]
		for k, g := range l.p {
			c := &cells[k]
			step := float32(g*norm) + float32(small*c.weight)
			c.moved += float32(step * step)
			c.weight -= float32(rate*step) / (float32(math.Sqrt(float64(c.moved))) + 1e-6)
		}
	}
}

// softmax makes probabilities of logarithms of odds.
func softmax(p []float64) {
	top, sum := slices.Max(p), 0.0
	for i, v := range p {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
