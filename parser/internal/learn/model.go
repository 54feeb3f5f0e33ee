package learn

import (
	"math"
	"slices"
)

// Feature is the hash of something that was seen.
type Feature uint32

// Of returns the feature that parts make together (FNV-1a).
func Of(parts ...string) Feature {
	f := Feature(2166136261)
	for _, p := range parts {
		f = f.With(p)
	}
	return f
}

// With returns the feature that a further part makes with those that made f.
func (f Feature) With(part string) Feature {
	const prime = 16777619
	for i := range len(part) {
		f = (f ^ Feature(part[i])) * prime
	}
	return (f ^ 0xff) * prime
}

// Model weighs features for each of its labels, which are numbers from 0.
type Model struct {
	labels int
	mask   uint32
	bias   []byte   // signed, by label
	wide   int      // how many words a row has
	rows   []uint64 // the weights, by the end of a feature's hash
}

// scale is how many units of a weight are 1.
const scale = 60

// A row has a byte for each label, from the lowest on, and one behind them that is 1 for a feature that is known, which
// counts these. To be added up without regard to their signs, all are greater by zero.
const (
	zero    = 0x80
	zeros   = 0x8080808080808080
	inWord  = 8                  // bytes
	lanes   = 0x00ff00ff00ff00ff // of two bytes
	mostSum = 256                // so many bytes make no lane overflow
)

// maxLanes is how many labels a model can have, and one.
const maxLanes = 16

// Read returns the model of a table that Learn has written for so many labels. One that is empty knows nothing.
func Read(table []byte, labels int) *Model {
	if len(table) == 0 {
		table = make([]byte, 2*labels)
	}
	features := len(table)/labels - 1
	m := &Model{labels: labels, mask: uint32(features - 1), bias: table[:labels], wide: labels/inWord + 1}
	m.rows = slices.Repeat([]uint64{zeros}, features*m.wide)
	for i, w := range table[labels:] {
		if w == 0 {
			continue
		}
		row := m.rows[i/labels*m.wide:][:m.wide]
		set(row, i%labels, w+zero)
		set(row, labels, 1+zero)
	}
	return m
}

// set sets a byte of a row.
func set(row []uint64, i int, b byte) {
	by := i % inWord * 8
	row[i/inWord] = row[i/inWord]&^(0xff<<by) | uint64(b)<<by
}

// Votes is what features say together of each label, and how many of them are known.
type Votes [maxLanes]int32

// Votes returns what features say. One that occurs several times counts as often.
func (m *Model) Votes(features []Feature) (v Votes) {
	for len(features) > 0 {
		n := min(len(features), mostSum)
		for w := range m.wide {
			var even, odd uint64
			for _, f := range features[:n] {
				row := m.rows[int(uint32(f)&m.mask)*m.wide+w]
				even += row & lanes
				odd += row >> 8 & lanes
			}
			for k := range inWord / 2 {
				v[w*inWord+2*k] += int32(even>>(16*k)&0xffff) - int32(zero*n)
				v[w*inWord+2*k+1] += int32(odd>>(16*k)&0xffff) - int32(zero*n)
			}
		}
		features = features[n:]
	}
	return v
}

// Worth returns how much features speak for one label rather than for another, in the units of the table.
func (m *Model) Worth(features []Feature, label, other int) int {
	v := m.Votes(features)
	return int(v[label] - v[other])
}

// Plus returns what the features of both say.
func (v Votes) Plus(o Votes) Votes {
	for k := range v {
		v[k] += o[k]
	}
	return v
}

// Says returns how much votes speak for each label: differences are logarithms of the odds.
func (m *Model) Says(v Votes) (out [maxLanes]float64) {
	norm := scale * math.Sqrt(float64(max(v[m.labels], 1)))
	for k := range m.labels {
		out[k] = float64(int8(m.bias[k]))/scale + float64(v[k])/norm
	}
	return out
}
