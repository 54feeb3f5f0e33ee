// Command bench compares how fast messages are read by mfabot's parser, by enmime and with nothing but the standard library, in one
// run over the same messages. It prints one table.
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 7, "how often each reader is measured, in turn with the others")
	slot := flag.Duration("slot", 100*time.Millisecond, "processor time of one measurement")
	peak := flag.String("peak", "", "read the files given with this `reader` and print the most memory that was held, nothing else")
	flag.Parse()
	if err := run(*rounds, *slot, *peak); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, slot time.Duration, peak string) error {
	all, err := readers()
	if err != nil {
		return err
	}
	if peak != "" {
		return printPeak(all, peak, flag.Args())
	}
	fmt.Printf("%s %s/%s, %d rounds in turn, medians of processor time (garbage collection included)\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, rounds)
	fmt.Printf(headings, "message", "reader", "messages/s", "MB/s", "allocations", "KB allocated", "peak MB", "time")
	for _, s := range samples() {
		fitting, err := agreeing(all, s)
		if err != nil {
			return err
		}
		if err := printRows(s, compare(fitting, s, rounds, slot)); err != nil {
			return err
		}
	}
	fmt.Print(notes)
	return nil
}

const (
	headings = "%-23s %-26s %10s %7s %12s %13s %8s %8s\n"
	row      = "%-23s %-26s %10.0f %7.0f %12d %13.0f %8s %7.2fx\n"
)

const notes = `
Allocations and KB are those of one message; the peak is of a whole process that reads the messages ten times from files; time is
a multiple of mfabot's. All decode every attachment and take its SHA-256, and find the same ones. Beyond that they differ:

  mfabot              all that it does: also character sets, HTML as a browser shows it, quotes and signatures cut off, the
                      decision, the request and its reason, signs of machines, and whether each attachment is evidence
  mfabot, MIME alone  parser.Extract: the one attachment found, decoded and hashed; text is passed over
  net/mail + ...      text decoded, kept and not looked at; a fault in a message ends the reading
  enmime              text decoded to UTF-8; HTML without a plain alternative also converted to text
`

// agreeing returns the readers for a sample, after a check that they find the same attachments.
func agreeing(all []reader, s sample) ([]reader, error) {
	var fitting []reader
	var want []string
	for _, r := range all {
		if r.one && (len(s.raw) > 1 || len(want) != 1) {
			continue
		}
		var got []string
		for _, raw := range s.raw {
			sums, err := r.read(bytes.NewReader(raw))
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", s.name, r.name, err)
			}
			got = append(got, sums...)
		}
		slices.Sort(got)
		if len(fitting) == 0 {
			want = got
		}
		if !slices.Equal(got, want) {
			return nil, fmt.Errorf("%s: %s finds %d attachments, %s %d, or others", s.name, r.name, len(got), all[0].name, len(want))
		}
		fitting = append(fitting, r)
	}
	return fitting, nil
}

// result is what reading one message took.
type result struct {
	reader string
	times  []time.Duration
	allocs uint64
	bytes  uint64
}

func (r result) time() time.Duration {
	times := slices.Clone(r.times)
	slices.Sort(times)
	return times[len(times)/2]
}

// compare measures the readers in turn, so that what else the machine does falls on all of them.
func compare(readers []reader, s sample, rounds int, slot time.Duration) []result {
	results := make([]result, len(readers))
	repeats := make([]int, len(readers))
	for i, r := range readers {
		once, _, _ := measure(r, s, 1)
		repeats[i] = int(max(1, slot/max(once, time.Microsecond)))
		results[i].reader = r.name
	}
	for range rounds {
		for i, r := range readers {
			took, allocs, size := measure(r, s, repeats[i])
			results[i].times = append(results[i].times, took)
			results[i].allocs, results[i].bytes = allocs, size
		}
	}
	return results
}

// measure reads the sample n times and returns what one message took.
func measure(r reader, s sample, n int) (took time.Duration, allocs, size uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := processorTime()
	for range n {
		for _, raw := range s.raw {
			_, _ = r.read(bytes.NewReader(raw)) // it was read without an error before
		}
	}
	took = processorTime() - start
	runtime.ReadMemStats(&after)
	count := uint64(n * len(s.raw))
	return took / time.Duration(count), (after.Mallocs - before.Mallocs) / count, (after.TotalAlloc - before.TotalAlloc) / count
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func printRows(s sample, results []result) error {
	own := results[0].time()
	for i, r := range results {
		peak, err := peakMemory(r.reader, s)
		if err != nil {
			return err
		}
		name := s.name
		if i > 0 {
			name = ""
		}
		perSecond := float64(time.Second) / float64(cmp.Or(r.time(), 1))
		rate := perSecond * float64(s.size()) / float64(len(s.raw)) / 1e6
		fmt.Printf(row, name, r.reader, perSecond, rate, r.allocs, float64(r.bytes)/1024, peak, float64(r.time())/float64(own))
	}
	return nil
}
