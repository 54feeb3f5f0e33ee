// Package progress says on a terminal how far something has come that takes long: on one line, which is written over and is
// gone at the end.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Gauge is how far something has come. Whoever does the work sets it, and a line shows it. All methods of a nil Gauge do nothing,
// for where nobody looks.
type Gauge struct {
	mu      sync.Mutex
	what    string
	total   int64
	done    int64
	measure func() int64
	since   time.Time // the part began
}

// Begin says that a part of the work begins, and how much it is; 0 where nobody knows.
func (g *Gauge) Begin(what string, total int64) { g.Measure(what, total, nil) }

// Measure is Begin for a part that is measured from outside, as the size of a file is.
func (g *Gauge) Measure(what string, total int64, done func() int64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.what, g.total, g.done, g.measure, g.since = what, total, 0, done, time.Now()
}

// Of says how much of the part is done, and how much it is.
func (g *Gauge) Of(done, total int64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done, g.total = done, total
}

// Add says that more of the part is done.
func (g *Gauge) Add(n int64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done += n
}

// state is a gauge as it is.
type state struct {
	what        string
	done, total int64
	since       time.Time
}

func (g *Gauge) state() state {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := state{g.what, g.done, g.total, g.since}
	if g.measure != nil {
		s.done = g.measure()
	}
	return s
}

const (
	showEvery = 500 * time.Millisecond
	// guessAfter is how long a part must have gone on before it is said how long it will.
	guessAfter = 2 * time.Second
)

// clear goes back to the beginning of the line of a terminal, and clears it.
const clear = "\r\x1b[K"

// Over is a terminal for other lines than that of a gauge: each takes its place, and it comes again below them.
func Over(w io.Writer) io.Writer { return over{w} }

type over struct{ io.Writer }

// Write writes whole lines.
func (o over) Write(lines []byte) (int, error) {
	n, err := o.Writer.Write(append([]byte(clear), lines...))
	return max(n-len(clear), 0), err
}

// Show shows a gauge on a terminal until stop is called, which waits until the line is gone. What is over at once is never shown.
func Show(w io.Writer, g *Gauge) (stop func()) {
	ends, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		show(w, g, ends)
	}()
	return sync.OnceFunc(func() {
		close(ends)
		<-ended
	})
}

// show is the owner of the line.
func show(w io.Writer, g *Gauge, ends <-chan struct{}) {
	tick := time.NewTicker(showEvery)
	defer tick.Stop()
	shown := false
	for {
		select {
		case <-ends:
			if shown {
				_, _ = io.WriteString(w, clear)
			}
			return
		case now := <-tick.C:
			s := g.state()
			if s.what == "" {
				if shown {
					_, _ = io.WriteString(w, clear)
				}
				shown = false
				continue
			}
			shown = true
			_, _ = io.WriteString(w, clear+words(s, now.Sub(s.since)))
		}
	}
}

// words is the line: what is done, how much of it, and how long it goes on if it does as until now.
func words(s state, took time.Duration) string {
	switch {
	case s.total <= 0 && s.done <= 0:
		return s.what + " ..."
	case s.total <= 0:
		return fmt.Sprintf("%s: %d", s.what, s.done)
	}
	done := min(s.done, s.total)
	line := fmt.Sprintf("%s: %d %%", s.what, int64(float64(done)/float64(s.total)*100))
	if done > 0 && took >= guessAfter {
		left := time.Duration(float64(took) * float64(s.total-done) / float64(done))
		line += ", " + about(left) + " left"
	}
	return line
}

// about is a time as people say it.
func about(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds())+1)
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes())+1)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
