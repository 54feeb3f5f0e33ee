package learn

import "math"

// Feature is the hash of something that was seen.
type Feature uint32

// Of returns the feature that parts make together (FNV-1a).
func Of(parts ...string) Feature {
	h := uint32(2166136261)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint32(p[i])) * 16777619
		}
		h = (h ^ 0xff) * 16777619
	}
	return Feature(h)
}

// Model weighs features for each of its labels, which are numbers from 0.
type Model struct {
	labels int
	mask   uint32
	bias   []byte // in hundredths, as the weights: signed, by label
	table  []byte // the weights, by the end of a feature's hash and by label
}

// scale is how many units of a weight are 1.
const scale = 60

// Read returns the model of a table that Learn has written for so many labels. It keeps the table. One that is empty
// knows nothing.
func Read(table []byte, labels int) *Model {
	if len(table) == 0 {
		table = make([]byte, 2*labels)
	}
	return &Model{labels, uint32(len(table)/labels - 2), table[:labels], table[labels:]}
}

// maxLabels is how many labels a model can have.
const maxLabels = 16

// Votes is what features say together of each label.
type Votes struct {
	sum [maxLabels]int32
	n   int
}

// Votes returns what features say. One that occurs several times counts as often.
func (m *Model) Votes(features []Feature) (v Votes) {
	for _, f := range features {
		at := int(uint32(f)&m.mask) * m.labels
		known := false
		for k, w := range m.table[at : at+m.labels] {
			v.sum[k] += int32(int8(w))
			known = known || w != 0
		}
		if known {
			v.n++
		}
	}
	return v
}

// Worth returns how much features speak for one label rather than for another, in the units of the table.
func (m *Model) Worth(features []Feature, label, other int) int {
	v := m.Votes(features)
	return int(v.sum[label] - v.sum[other])
}

// Plus returns what the features of both say.
func (v Votes) Plus(o Votes) Votes {
	for k := range v.sum {
		v.sum[k] += o.sum[k]
	}
	v.n += o.n
	return v
}

// Says returns how much votes speak for each label: differences are logarithms of the odds.
func (m *Model) Says(v Votes) []float64 {
	out := make([]float64, m.labels)
	norm := scale * math.Sqrt(float64(max(v.n, 1)))
	for k := range out {
		out[k] = float64(int8(m.bias[k]))/scale + float64(v.sum[k])/norm
	}
	return out
}
