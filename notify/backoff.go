package notify

import "time"

const (
	firstDelay = time.Minute
	maxDelay   = 4 * time.Hour
	// giveUpAfter is how long a message is tried, from when it was written
	// (RFC 5321, section 4.5.4.1 asks for four to five days).
	giveUpAfter = 5 * 24 * time.Hour
	// giveUpAttempts is how often it is tried at least, whatever its age: it may have
	// waited while we were down, and one bad minute after that must not cost it. Put
	// back as Backoff says, so many take eleven hours or more.
	giveUpAttempts = 11
)

// Backoff is how long to wait after the given attempt, counted from 1: one
// minute, doubling to four hours. jitter, from 0 to 1, takes up to a fifth off,
// so that messages put back together do not come back together.
func Backoff(attempt int, jitter float64) time.Duration {
	delay := firstDelay
	for range min(max(attempt, 1), 16) - 1 {
		delay = min(2*delay, maxDelay)
	}
	return delay - time.Duration(min(max(jitter, 0), 1)*float64(delay)/5)
}
