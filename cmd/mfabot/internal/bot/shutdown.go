package bot

import (
	"context"
	"errors"
	"time"
)

// StopWithin is how long the bot has to finish what it has in hand once it is told to stop. The next start
// takes up what it could not finish: a message is filed only after it is on record, and an email goes out
// again with the same Message-ID.
const StopWithin = 15 * time.Second

var errNotStopped = errors.New("not everything finished in time, as a server did not answer: the next start takes up what was in hand")

// UntilStopped calls run, which should return soon after ctx ends, and returns its error. If run has not
// returned within that time of the end of ctx, UntilStopped returns without it.
func UntilStopped(ctx context.Context, within time.Duration, run func(context.Context) error) error {
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }() // abandoned only when the program ends
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		return errNotStopped
	}
}
