package sim

import (
	"sync/atomic"
	"time"
)

// Clock is the only clock of a run. It stands still until it is moved.
type Clock struct{ nanos, back atomic.Int64 }

// NewClock returns a clock showing the given time.
func NewClock(at time.Time) *Clock {
	c := new(Clock)
	c.nanos.Store(at.UnixNano())
	return c
}

// Now returns the time the clock shows, without a monotonic reading.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

// Move moves the clock, forwards or backwards.
func (c *Clock) Move(d time.Duration) {
	c.nanos.Add(int64(d))
	c.back.Add(max(0, -int64(d)))
}

// PutBack is how far the clock was put back, in all: something can have been written so much later than it says, and no more.
func (c *Clock) PutBack() time.Duration { return time.Duration(c.back.Load()) }
