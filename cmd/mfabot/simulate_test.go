package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/sim"
)

// simTries and simAttempts are how long and how often a letter is tried at least, unless it is refused
// permanently.
const (
	simTries    = 5 * 24 * time.Hour
	simAttempts = 10
)

// fewSeeds is how many run with the other tests; `make simulate SEEDS=n` runs more.
const fewSeeds = 200

// tally is the result of many runs.
type tally struct {
	mu       sync.Mutex
	runs     int
	faults   map[sim.Fault]int
	checks   map[string]int
	happened map[string]int
	failed   []failure
}

type failure struct {
	seed       uint64
	violations []sim.Violation
}

func (r *tally) add(s *simulation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs++
	for _, f := range sim.Kinds() {
		r.faults[f] += s.world.Faults.Counts[f]
	}
	for rule, n := range s.checks {
		r.checks[rule] += n
	}
	for what, n := range s.happened {
		r.happened[what] += n
	}
	if v := s.world.Violations(); len(v) > 0 {
		r.failed = append(r.failed, failure{s.seed, v})
	}
}

// print shows the sums.
func (r *tally) print(took time.Duration) string {
	var b strings.Builder
	faults, checks := 0, 0
	fmt.Fprintf(&b, "%-10s %s\n", "struck", "fault")
	for _, f := range sim.Kinds() {
		fmt.Fprintf(&b, "%10d %s\n", r.faults[f], f)
		faults += r.faults[f]
	}
	fmt.Fprintf(&b, "%-10s %s\n", "happened", "in all")
	for _, what := range slices.Sorted(maps.Keys(r.happened)) {
		fmt.Fprintf(&b, "%10d %s\n", r.happened[what], what)
	}
	fmt.Fprintf(&b, "%-10s %s\n", "checked", "invariant")
	for _, rule := range slices.Sorted(maps.Keys(r.checks)) {
		fmt.Fprintf(&b, "%10d %s\n", r.checks[rule], rule)
		checks += r.checks[rule]
	}
	fmt.Fprintf(&b, "simulate: %d runs in %v (%.0f a minute), %d faults, %d checks, %d seeds failed\n",
		r.runs, took.Round(time.Second), float64(r.runs)/took.Minutes(), faults, checks, len(r.failed))
	return b.String()
}

// simStage prepares what all runs share, in a folder on a RAM disk.
func simStage(t *testing.T) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "mfabot-simulation-*")
	if err != nil {
		dir = t.TempDir()
	} else {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
	}
	st, err := newStage(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// run plays one seed.
func (st *stage) run(t *testing.T, seed uint64, log io.Writer) *simulation {
	t.Helper()
	watchdog := time.AfterFunc(simPatience, func() { panic(fmt.Sprintf("seed %d hangs", seed)) })
	defer watchdog.Stop()
	// With a context that can end, SQLite's driver starts a goroutine for each statement.
	s, err := newSimulation(context.Background(), st, seed, log)
	if err != nil {
		t.Error(err)
		return nil
	}
	s.play()
	return s
}

// simPatience is far more real time than a run takes on any machine.
const simPatience = 5 * time.Minute

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestSimulation plays many seeds: SEEDS says how many, FROM which comes first. SEED plays just one, and
// shows all that happens.
func TestSimulation(t *testing.T) {
	st := simStage(t)
	if seed := number(t, "SEED", 0); seed > 0 {
		s := st.run(t, seed, os.Stdout)
		for _, v := range s.world.Violations() {
			t.Errorf("seed %d: %s", seed, v)
		}
		t.Logf("seed %d: trace %016x", seed, s.world.Trace.Sum())
		return
	}
	seeds, first := number(t, "SEEDS", fewSeeds), number(t, "FROM", 1)
	enough := number(t, "ENOUGH", 20)
	// Runs are short and leave much garbage: memory is cheaper here than collecting it.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	r := &tally{faults: make(map[sim.Fault]int), checks: make(map[string]int), happened: make(map[string]int)}
	began := time.Now()
	var next atomic.Uint64
	next.Store(first)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := next.Add(1) - 1; seed < first+seeds && r.failures() < int(enough); seed = next.Add(1) - 1 {
				if s := st.run(t, seed, nil); s != nil {
					r.add(s)
				}
			}
		})
	}
	workers.Wait()
	slices.SortFunc(r.failed, func(a, b failure) int { return int(a.seed) - int(b.seed) })
	for _, f := range r.failed {
		for _, v := range f.violations[:min(len(f.violations), shownWrong)] {
			t.Errorf("seed %d: %s (rerun: SEED=%d make simulate)", f.seed, v, f.seed)
		}
	}
	if os.Getenv("SEEDS") != "" {
		fmt.Print(r.print(time.Since(began)))
	}
}

func (r *tally) failures() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failed)
}

// TestSimulationRepeats plays some seeds twice: they go the same way, whatever else the machine does, and
// however many cores it has.
func TestSimulationRepeats(t *testing.T) {
	st := simStage(t)
	for seed := uint64(1); seed <= 15; seed++ {
		first := st.run(t, seed, nil)
		cores := runtime.GOMAXPROCS(1)
		second := st.run(t, seed, nil)
		runtime.GOMAXPROCS(cores)
		if a, b := first.world.Trace.Sum(), second.world.Trace.Sum(); a != b {
			t.Errorf("seed %d: trace %016x, then %016x", seed, a, b)
		}
	}
}
