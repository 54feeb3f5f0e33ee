package bot

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestUntilStopped(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		name  string
		takes time.Duration // to end once it is told to; a minute for its own end before that
		want  error
		after time.Duration
	}{
		{"at once", 0, nil, time.Minute},
		{"just in time", StopWithin - time.Nanosecond, nil, time.Minute + StopWithin - time.Nanosecond},
		{"too late", time.Hour, errNotStopped, time.Minute + StopWithin},
		{"by itself", -1, failed, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				left := make(chan struct{})
				err := UntilStopped(ctx, StopWithin, func(ctx context.Context) error {
					defer close(left)
					if c.takes < 0 {
						<-time.After(time.Second)
						return failed
					}
					<-ctx.Done()
					<-time.After(c.takes)
					return nil
				})
				if !errors.Is(err, c.want) || time.Since(begun) != c.after {
					t.Errorf("ended with %v after %v, want %v after %v", err, time.Since(begun), c.want, c.after)
				}
				<-left
			})
		})
	}
}
