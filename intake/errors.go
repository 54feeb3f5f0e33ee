package intake

import "errors"

// ErrNotFound says that there is no such request, exception or token.
var ErrNotFound = errors.New("not found")

// ErrPurged says that something was kept for as long as the policy says, and is
// not kept any more.
var ErrPurged = errors.New("not kept any more")

// ErrStale says that a request or exception changed since it was read, so that a
// change based on it was not made.
var ErrStale = errors.New("changed meanwhile")
