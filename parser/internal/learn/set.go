package learn

import "slices"

// Set collects features, each once.
type Set struct {
	features []Feature
	slots    []uint32 // where a feature is in features, from 1 on; by its hash, with linear probing
}

// Add adds a feature unless it is there.
func (s *Set) Add(f Feature) {
	if 2*len(s.features) >= len(s.slots) {
		s.grow()
	}
	if at := s.slot(f); s.slots[at] == 0 {
		s.features = append(s.features, f)
		s.slots[at] = uint32(len(s.features))
	}
}

// slot returns where a feature has its slot: its own, or a free one.
func (s *Set) slot(f Feature) int {
	last := len(s.slots) - 1
	at := int(f) & last
	for s.slots[at] != 0 && s.features[s.slots[at]-1] != f {
		at = (at + 1) & last
	}
	return at
}

// firstSlots is how many slots there are at first.
const firstSlots = 1 << 10

// grow makes room.
func (s *Set) grow() {
	s.slots = make([]uint32, max(firstSlots, 2*len(s.slots)))
	s.features = slices.Grow(s.features, len(s.slots)/2-len(s.features))
	for i, f := range s.features {
		s.slots[s.slot(f)] = uint32(i + 1)
	}
}

// Has reports whether a feature is there.
func (s *Set) Has(f Feature) bool { return len(s.slots) > 0 && s.slots[s.slot(f)] != 0 }

// Features returns the features in the order in which they were added, until the set is emptied.
func (s *Set) Features() []Feature { return s.features }

// Empty empties the set.
func (s *Set) Empty() {
	clear(s.slots)
	s.features = s.features[:0]
}
