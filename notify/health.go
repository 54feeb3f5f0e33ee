package notify

import (
	"sync"
	"time"
)

// health is since when the server has taken nothing, or nothing to somebody, and why. It may be asked while a step is in hand.
type health struct {
	mu    sync.Mutex
	known bool      // something was tried
	since time.Time // zero while it takes what is sent
	why   string
}

func (h *health) fails(now time.Time, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since.IsZero() || h.since.After(now) { // of a clock that was ahead
		h.since = now
	}
	h.known, h.why = true, why
}

func (h *health) works() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known, h.since, h.why = true, time.Time{}, ""
}

func (h *health) trouble() (since time.Time, why string, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, h.why, h.known
}

// Trouble returns since when the server cannot be reached or refuses us, and what it said last; the time is zero if it
// took the last message. known is false before anything was tried. It may be called at any time.
func (s *Sender) Trouble() (since time.Time, why string, known bool) { return s.health.trouble() }

// Unheard is Trouble for what goes to the operator, of which the server has refused the last email.
func (s *Sender) Unheard() (since time.Time, why string, known bool) { return s.operator.trouble() }
