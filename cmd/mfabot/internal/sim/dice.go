package sim

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// Dice is a source of chance. Two with the same seed and stream give the same values.
type Dice struct{ *rand.Rand }

// NewDice returns the dice of one stream of a seed: what one stream draws does not depend on how often the
// others are used.
func NewDice(seed, stream uint64) *Dice { return &Dice{rand.New(rand.NewPCG(seed, stream))} }

// Chance returns true with probability p.
func (d *Dice) Chance(p float64) bool { return d.Float64() < p }

// Between returns a duration of at least low and less than high.
func (d *Dice) Between(low, high time.Duration) time.Duration {
	return low + time.Duration(d.Int64N(int64(high-low)))
}

// Read fills p with bytes that look random but are not.
func (d *Dice) Read(p []byte) (int, error) {
	var word [8]byte
	for n := 0; n < len(p); n += copy(p[n:], word[:]) {
		binary.LittleEndian.PutUint64(word[:], d.Uint64())
	}
	return len(p), nil
}

// Pick returns one of from, which must not be empty.
func Pick[T any](d *Dice, from []T) T { return from[d.IntN(len(from))] }
