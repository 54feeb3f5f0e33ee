package bot

import (
	"context"
	"errors"
	"time"
)

// StopWithin is how long the bot has to end what it has in hand once it was told to
// stop. What it cannot end is taken up again at the next start: a message is filed
// after it is on record, and an email goes out again with the same Message-ID.
const StopWithin = 15 * time.Second

var errNotStopped = errors.New("not everything ended in time: a server was silent; what was in hand is taken up again at the next start")

// UntilStopped runs something that ends when ctx does, and leaves it behind when it
// does not end in time after that.
func UntilStopped(ctx context.Context, within time.Duration, run func(context.Context) error) error {
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }() // left behind only when the program ends
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
