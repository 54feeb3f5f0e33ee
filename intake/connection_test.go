package intake_test

import (
	"testing"
	"time"

	"mfabot/intake"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := intake.Backoff{First: time.Second, Longest: 5 * time.Minute}
	for _, test := range []struct {
		failures int
		off      float64
		want     time.Duration
	}{
		{-1, 0, time.Second},
		{0, 0, time.Second},
		{1, 0, time.Second},
		{1, 0.25, 750 * time.Millisecond},
		{2, 0, 2 * time.Second},
		{5, 0, 16 * time.Second},
		{9, 0, 256 * time.Second},
		{10, 0, 300 * time.Second},
		{1 << 30, 0.25, 225 * time.Second},
	} {
		if got := b.Delay(test.failures, test.off); got != test.want {
			t.Errorf("Delay(%d, %v) = %v, want %v", test.failures, test.off, got, test.want)
		}
	}
	if got := (intake.Backoff{First: time.Minute}).Delay(3, 0); got != time.Minute {
		t.Errorf("without a longest wait: %v", got)
	}
}
