package intake

import "time"

// Mark names a number that is remembered from one start to the next.
type Mark string

// The marks that there is one of.
const (
	MarkSites  Mark = "sites"  // how many sites the register had that was used last
	MarkWorked Mark = "worked" // when the bot was at work last, by its clock, in Unix seconds
	MarkLeapt  Mark = "leapt"  // since when the clock is not trusted, by itself, in Unix seconds; 0 while it is
)

// MarkBegan is when a mailbox was first looked at, in Unix seconds.
func MarkBegan(mailbox string) Mark { return Mark("began " + mailbox) }

// MarkLeft is of how many messages, left in a mailbox as they are too old, the operator was told.
func MarkLeft(mailbox string) Mark { return Mark("left " + mailbox) }

// Period is a time from one moment up to another, which is no part of it. A zero From is the beginning of all time, and
// a zero Until its end.
type Period struct{ From, Until time.Time }

// Has reports whether a moment is in the period. One that is not known counts as in it.
func (p Period) Has(t time.Time) bool {
	return t.IsZero() || !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}
