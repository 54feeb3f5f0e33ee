package mailbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"mfabot/intake"
	"time"
)

// Run takes what is new and waits for more until ctx ends, whose error it
// returns. It looks at least as often as every says, also where the server
// reports nothing. After an error it waits as backoff says, and as long as
// that ever does when the credentials were refused. An error that is final by the
// configuration it returns.
func (w *Watcher) Run(ctx context.Context, every time.Duration, backoff intake.Backoff) error {
	defer w.drop()
	for failures := 0; ctx.Err() == nil; {
		err := w.round(ctx, every)
		if err == nil {
			failures = 0
			continue
		}
		if ctx.Err() != nil {
			break
		}
		if w.cfg.Final != nil && w.cfg.Final(err) {
			return err
		}
		failures++
		delay := backoff.Delay(failures, rand.Float64()/2)
		if errors.Is(err, ErrLogin) {
			delay = backoff.Longest
		}
		w.log.Warn("reading the mailbox failed", "error", err, "failures", failures, "again_in", delay)
		if err := sleep(ctx, delay); err != nil {
			break
		}
	}
	return ctx.Err()
}

// round steps until nothing is left to do, then waits.
func (w *Watcher) round(ctx context.Context, every time.Duration) error {
	for {
		handled, err := w.Step(ctx)
		if err != nil {
			return err
		}
		if handled == 0 {
			return w.Wait(ctx, every)
		}
	}
}
