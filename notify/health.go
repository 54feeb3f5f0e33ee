package notify

import (
	"sync"
	"time"
)

// health is since when the server has taken nothing, and why. It may be asked while a step is in hand.
type health struct {
	mu    sync.Mutex
	since time.Time // zero while it takes what is sent
	why   string
}

func (h *health) fails(now time.Time, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since.IsZero() {
		h.since = now
	}
	h.why = why
}

func (h *health) works() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since, h.why = time.Time{}, ""
}

// Trouble returns since when the server cannot be reached or refuses us, and what it said last. The time is zero as long
// as nothing is known to be wrong. It may be called at any time.
func (s *Sender) Trouble() (since time.Time, why string) {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.since, s.health.why
}
