package learn

import (
	"encoding/binary"
	"math"
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

// Model weighs features for each of its labels, which are numbers from 0. Its table is a row of what each label has anyway,
// and one of weights for each feature, by the end of its hash. A row has a signed byte for each label, and one behind them
// that is 1 for a feature that is known, which counts these.
type Model struct {
	labels int
	wide   int    // the words of a row
	mask   uint32 // of the hashes
	bias   []byte
	rows   []byte
}

// scale is how many units of a weight are 1.
const scale = 60

// A row is read in words of so many bytes, to add up every other byte of one at once. For that all are greater by zero, and
// so many make no sum of two bytes overflow.
const (
	inWord  = 8
	zero    = 0x80
	zeros   = 0x8080808080808080
	lanes   = 0x00ff00ff00ff00ff
	mostSum = 256
)

// maxLanes is how many labels a model can have, and one.
const maxLanes = 16

// rowSize returns how many bytes a row has.
func rowSize(labels int) int { return (labels/inWord + 1) * inWord }

// Read returns the model of a table that Learn has written for so many labels. It keeps the table. One that is empty
// knows nothing.
func Read(table []byte, labels int) *Model {
	row := rowSize(labels)
	if len(table) == 0 {
		table = make([]byte, 2*row)
	}
	return &Model{labels, row / inWord, uint32(len(table)/row - 2), table[:row], table[row:]}
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
				row := binary.LittleEndian.Uint64(m.rows[(int(uint32(f)&m.mask)*m.wide+w)*inWord:]) ^ zeros
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
