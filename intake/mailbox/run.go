package mailbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"mfabot/intake"
)

// Run takes new messages and waits for more until ctx ends, and returns its error. It looks at least once per every,
// even if the server reports nothing. After an error it waits as backoff says, and the longest of that if the
// credentials were refused; where the server says how long to leave it alone, for so long. It returns an error
// that Config.Final says is final.
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
		if failures == 1 && errors.As(err, new(*lostIdle)) && !errors.As(err, new(*throttled)) {
			w.log.Info("reconnecting", "reason", err)
			continue
		}
		delay := backoff.Delay(failures, rand.Float64()/2)
		if errors.Is(err, ErrLogin) {
			delay = backoff.Longest
		}
		if t := new(throttled); errors.As(err, &t) {
			if delay = max(delay, t.wait); t.said {
				delay = t.wait
			}
		}
		w.log.Warn("reading the mailbox failed", "error", err, "failures", failures, "again_in", delay)
		if err := w.pause(ctx, delay); err != nil {
			break
		}
	}
	return ctx.Err()
}

// pause waits, and shows that the watcher is alive meanwhile.
func (w *Watcher) pause(ctx context.Context, d time.Duration) error {
	const longest = 5 * time.Minute
	for ; d > longest; d -= longest {
		if err := sleep(ctx, longest); err != nil {
			return err
		}
		w.turn()
	}
	return sleep(ctx, d)
}

// round steps until nothing is left to do, then waits.
func (w *Watcher) round(ctx context.Context, every time.Duration) error {
	for {
		handled, err := w.Step(ctx)
		if err != nil {
			return err
		}
		if handled == 0 {
			if err = w.Wait(ctx, every); errors.Is(err, errLost) {
				return &lostIdle{err}
			}
			return err
		}
	}
}

// lostIdle says that the connection was lost while nothing was asked of the server: servers end those that are idle, and those
// whose token has ended.
type lostIdle struct{ err error }

func (l *lostIdle) Error() string { return l.err.Error() }
func (l *lostIdle) Unwrap() error { return l.err }
