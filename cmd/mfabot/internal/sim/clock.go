package sim

import (
	"sync/atomic"
	"time"
)

// Clock is the one clock of a run. It stands still between what moves it.
type Clock struct{ nanos atomic.Int64 }

// NewClock returns a clock that shows a time.
func NewClock(at time.Time) *Clock {
	c := new(Clock)
	c.nanos.Store(at.UnixNano())
	return c
}

// Now is the time that the clock shows, without a monotonic reading.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanos.Load()).UTC() }

// Move moves the clock, backwards too.
func (c *Clock) Move(d time.Duration) { c.nanos.Add(int64(d)) }
