package progress

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestShow: a line that is written over says how far the work is and how long it goes on, and is gone at the end.
func TestShow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var screen strings.Builder
		var g Gauge
		stop := Show(&screen, &g)
		g.Begin("copy", 1000)
		for range 8 {
			time.Sleep(time.Second)
			g.Add(100)
		}
		synctest.Wait()
		lines := strings.Split(screen.String(), clear)
		if last := lines[len(lines)-1]; last != "copy: 80 %, 3 s left" && last != "copy: 70 %, 4 s left" {
			t.Errorf("the last line is %q", last)
		}
		g.Measure("check", 0, func() int64 { return 0 })
		time.Sleep(time.Second)
		stop()
		stop()
		if !strings.HasSuffix(screen.String(), clear+"check ..."+clear) {
			t.Errorf("at the end: %q", screen.String())
		}
		if strings.Contains(screen.String(), "\n") {
			t.Error("there is more than one line")
		}
	})
}

// TestShowNothing: what is over at once is not shown, and nobody need look.
func TestShowNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var screen strings.Builder
		var g Gauge
		stop := Show(&screen, &g)
		g.Begin("copy", 1000)
		time.Sleep(showEvery / 2)
		stop()
		if screen.Len() > 0 {
			t.Errorf("%q", screen.String())
		}
	})
	var nobody *Gauge
	nobody.Begin("copy", 1)
	nobody.Add(1)
	nobody.Of(1, 2)
}

func TestWords(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		s    state
		took time.Duration
	}{
		"copy ...":                   {state{what: "copy"}, time.Minute},
		"read: 12":                   {state{what: "read", done: 12}, time.Minute},
		"copy: 0 %":                  {state{what: "copy", total: 10}, time.Minute},
		"copy: 10 %":                 {state{what: "copy", total: 10, done: 1}, time.Second},
		"copy: 10 %, 10 min left":    {state{what: "copy", total: 10, done: 1}, time.Minute},
		"copy: 10 %, 9 h 0 min left": {state{what: "copy", total: 10, done: 1}, time.Hour},
		"copy: 100 %, 1 s left":      {state{what: "copy", total: 10, done: 12}, time.Hour},
	} {
		if got := words(c.s, c.took); got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
