package notify

import (
	"time"

	"mfabot/intake"
)

const (
	// giveUpAfter is how long a message is tried for while others get through, counted from when it was written
	// (RFC 5321, section 4.5.4.1, asks for four to five days).
	giveUpAfter = 5 * 24 * time.Hour
	// giveUpAttempts is the least number of attempts, whatever the message's age: it may have waited while we
	// were down, and one bad minute afterwards must not lose it. At the intervals of backoff, that many take
	// eleven hours or more.
	giveUpAttempts = 11
	// sureAttempts is how often a message has been refused for good, in words that name nobody, before it counts as its
	// own fault.
	sureAttempts = 3
	// several is how many recipients are refused in a row before the operator hears of it: the server is at fault then.
	several = 3
)

// backoff spaces the attempts at a message.
var backoff = intake.Backoff{First: time.Minute, Longest: 4 * time.Hour}

// pause spaces the attempts at any message while the server refuses us, and briefPause while it says that this passes.
var (
	pause      = intake.Backoff{First: time.Minute, Longest: time.Hour}
	briefPause = intake.Backoff{First: time.Minute, Longest: 5 * time.Minute}
)

// wait is how long a message is put back after its last attempt. Up to a fifth is taken off, so that messages
// put back together do not all return together.
func wait(o intake.Outbound) time.Duration { return backoff.Delay(o.Attempts, jitter(o.MessageID)/5) }
