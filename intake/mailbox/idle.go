package mailbox

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Wait returns when the server reports new messages (IDLE, RFC 2177), after atMost, or with an error when the
// connection or ctx ends. Without IDLE or a connection it is a timer. Reports get lost, so its return only
// means that another Step is worthwhile.
func (w *Watcher) Wait(ctx context.Context, atMost time.Duration) error {
	if w.s == nil || !w.s.caps.Has(imap.CapIdle) {
		return sleep(ctx, atMost)
	}
	refused := false
	err := w.do(ctx, "wait for mail", func(s *session) error {
		idle, err := s.client.Idle()
		if isRefusal(err) {
			refused = true
			return nil
		}
		if err != nil {
			return err
		}
		s.raw.allow(atMost + w.cfg.Timeout)
		timer := time.NewTimer(atMost)
		defer timer.Stop()
		select {
		case <-s.changed:
		case <-timer.C:
		case <-s.client.Closed():
		case <-ctx.Done():
		}
		s.raw.allow(w.cfg.Timeout)
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if refused {
		return sleep(ctx, atMost)
	}
	return w.heed(context.WithoutCancel(ctx), err)
}
