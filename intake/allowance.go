package intake

import "errors"

// OneLetter is what one letter takes from an allowance.
const OneLetter = 1_000_000

// Allowance is how many letters may go out, as a bucket that is full at first and
// fills up evenly as time passes.
type Allowance struct {
	Name   string
	Burst  int64 // what it holds, in millionths of a letter
	Refill int64 // what comes back in 24 hours, likewise
}

// NewAllowance returns the allowance that lets out at most n letters, 1 or more,
// in any 24 hours, whenever they begin.
//
// In 24 hours there goes out what was in it, Burst at most, and what came in,
// Refill at most. So half of n, rounded up, may go out at once. The rest of n
// comes back over a day, and all but a millionth of one letter more, as only whole
// letters go out: Burst + Refill is just less than n + 1. Without that more, the
// allowance for one letter a day would never come back.
//
//	n      at once  in the 24 hours after, evenly
//	1      1        1, a little late: in 24 hours and one second
//	2      1        2, a little late
//	50     25       26, a little late
//
// Burst is thus no more than what comes back in a little over a day.
func NewAllowance(name string, n int) Allowance {
	atOnce := int64(n+1) / 2
	return Allowance{Name: name, Burst: atOnce * OneLetter, Refill: (int64(n)+1-atOnce)*OneLetter - 1}
}

// ErrSpent says that there is no letter left in an allowance.
var ErrSpent = errors.New("the allowance is spent")
