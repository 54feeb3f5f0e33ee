package bot

import (
	"testing"
	"time"
)

// TestReading: much to read is said at first and once a minute, with what is left of it; little is not. What is too old to be read
// does not count, and what comes meanwhile does.
func TestReading(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	r := reading{stays: 5000}
	r.look(5000 + muchToRead - 1)
	if r.take(20, now) {
		t.Error("little is said")
	}
	r.look(5000 + 1000)
	var said []int
	for !r.over() {
		if r.take(50, now) {
			said = append(said, r.done)
		}
		if r.done == 500 {
			r.look(5000 + 600) // 100 came meanwhile
			if left := r.left(now); left != 324*time.Second {
				t.Errorf("left: %s", left)
			}
		}
		now = now.Add(30 * time.Second)
	}
	want := []int{50, 150, 250, 350, 450, 550, 650, 750, 850, 950, 1050}
	if len(said) != len(want) || said[0] != want[0] || said[10] != want[10] {
		t.Errorf("said at %v, want %v", said, want)
	}
	r.look(5000 + 10)
	if r.take(10, now) {
		t.Error("it is said again")
	}
}
