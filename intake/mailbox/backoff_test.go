package mailbox

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	b := Backoff{Min: time.Second, Max: 5 * time.Minute}
	for _, test := range []struct {
		failures int
		random   float64
		want     time.Duration
	}{
		{0, 0, time.Second},
		{1, 0, time.Second},
		{1, 0.5, 750 * time.Millisecond},
		{2, 0, 2 * time.Second},
		{5, 0, 16 * time.Second},
		{9, 0, 256 * time.Second},
		{10, 0, 300 * time.Second},
		{1 << 30, 0.5, 225 * time.Second},
	} {
		if got := b.Delay(test.failures, test.random); got != test.want {
			t.Errorf("Delay(%d, %v) = %v, want %v", test.failures, test.random, got, test.want)
		}
	}
	if got := (Backoff{Min: time.Minute}).Delay(3, 0); got != time.Minute {
		t.Errorf("without a maximum: %v", got)
	}
}
