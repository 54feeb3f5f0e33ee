package intake

import "errors"

// OneLetter is what one letter costs, in the unit of an Allowance: millionths of a letter.
const OneLetter = 1_000_000

// Allowance limits how many letters may go out. It is a bucket: full at first, and refilled evenly over
// time.
type Allowance struct {
	Name   string
	Burst  int64 // its capacity, in millionths of a letter
	Refill int64 // what is refilled in 24 hours, in millionths of a letter
}

// NewAllowance returns an allowance of at most n letters in any 24 hours, whenever these begin; n is 1 or
// more.
//
// In 24 hours at most Burst + Refill goes out: what the bucket held, and what was added. Half of n, rounded
// up, may go out at once. The rest is refilled over a day, plus one letter less a millionth: only whole
// letters go out, so a total just below n + 1 still lets out no more than n. Without that surplus an
// allowance of one letter a day would never refill.
//
//	n      at once  in the 24 hours after, evenly
//	1      1        1, a little late: in 24 hours and one second
//	2      1        2, a little late
//	50     25       26, a little late
//
// So an empty bucket is full again after little more than a day.
func NewAllowance(name string, n int) Allowance {
	atOnce := int64(n+1) / 2
	return Allowance{Name: name, Burst: atOnce * OneLetter, Refill: (int64(n)+1-atOnce)*OneLetter - 1}
}

// ErrSpent says that an allowance has no letter left.
var ErrSpent = errors.New("the allowance is spent")
