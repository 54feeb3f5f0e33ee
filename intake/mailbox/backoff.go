package mailbox

import "time"

// Backoff spaces the attempts to reach a server that fails.
type Backoff struct {
	Min, Max time.Duration
}

// Delay returns how long to wait after the given number of failures in a row,
// from 1: Min doubled each time up to Max, of which random, in [0, 1), takes
// away up to half, so that many watchers do not come back together. It is
// never less than half of Min.
func (b Backoff) Delay(failures int, random float64) time.Duration {
	d := b.Min
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
	}
	d = max(min(d, b.Max), b.Min)
	return d - time.Duration(float64(d)/2*random)
}
