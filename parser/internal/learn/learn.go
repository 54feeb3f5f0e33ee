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
	passes = 20    // over all examples
	rate   = 0.1   // of the first steps; AdaGrad makes them smaller
	small  = 0.001 // how much weights are drawn to 0
	seldom = 2     // what fewer examples have than this is left out
)

// Learn returns the table of the model that tells so many labels apart as the examples do, with room for 1<<bits
// features. The same examples give the same table.
func Learn(labels, bits int, examples []Example) []byte {
	l := &learner{labels: labels, mask: 1<<bits - 1, weights: make([]float64, labels<<bits), seen: make([]float64, labels<<bits),
		bias: make([]float64, labels), p: make([]float64, labels)}
	known := l.known(examples)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range passes {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.step(known[i], examples[i].Label)
		}
	}
	out := make([]byte, 0, len(l.bias)+len(l.weights))
	for _, w := range slices.Concat(l.bias, l.weights) {
		out = append(out, byte(int8(math.Round(max(-127, min(127, w*scale))))))
	}
	return out
}

// learner is the state of learning.
type learner struct {
	labels              int
	mask                uint32
	weights, seen, bias []float64
	p                   []float64 // what the weights say of an example
}

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

// step moves the weights towards one example. The conversions keep machines from adding up in one step what others do
// in two, so that all learn the same.
func (l *learner) step(at []int, label int) {
	if len(at) == 0 {
		return
	}
	norm := 1 / math.Sqrt(float64(len(at)))
	copy(l.p, l.bias)
	for _, i := range at {
		for k := range l.p {
			l.p[k] += float64(l.weights[i+k] * norm)
		}
	}
	softmax(l.p)
	l.p[label]--
	for k, g := range l.p {
		l.bias[k] -= float64(0.01 * g)
	}
	for _, i := range at {
		for k, g := range l.p {
			g = float64(g*norm) + float64(small*l.weights[i+k])
			l.seen[i+k] += float64(g * g)
			l.weights[i+k] -= float64(rate*g) / (math.Sqrt(l.seen[i+k]) + 1e-6)
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
