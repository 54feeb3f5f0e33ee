package store_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// BenchmarkRecord appends to the audit of many references, a thousand entries a
// transaction.
func BenchmarkRecord(b *testing.B) {
	s := benchStore(b)
	for n := 0; b.Loop(); n++ {
		fill(b, s, n, 1000)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/entry")
}

// BenchmarkCheckAudit goes through an audit of 100,000 entries.
func BenchmarkCheckAudit(b *testing.B) {
	s := benchStore(b)
	for n := range 100 {
		fill(b, s, n, 1000)
	}
	for b.Loop() {
		found, err := s.CheckAudit(b.Context(), secret, "")
		if err != nil || found.Entries != 100_000 || len(found.Faults) > 0 {
			b.Fatalf("%v, %v", found, err)
		}
	}
}

// BenchmarkCheckYears goes through an audit of 300,000 exceptions, of which 40,000 are not over, with four entries each and a
// checkpoint for each day of two years. It says how much memory that takes at most, and how long the processor works on it.
func BenchmarkCheckYears(b *testing.B) {
	s := benchStore(b)
	if err := s.SealRows(b.Context(), secret, noon, unmarked); err != nil {
		b.Fatal(err)
	}
	if err := (store.Years{Chains: 300_000, Active: 40_000, Daily: 400}).Write(b.Context(), s, noon); err != nil {
		b.Fatal(err)
	}
	var peak uint64
	worked := time.Duration(0)
	for b.Loop() {
		runtime.GC()
		stop, before := watchHeap(), processor(b)
		found, err := s.CheckAudit(b.Context(), used(), "")
		worked += processor(b) - before
		peak = max(peak, stop())
		if err != nil || found.Chains != 300_001 || found.Checkpoints != 750 || !found.Sealed || !found.Whole() {
			b.Fatalf("%d chains, %d checkpoints, %.9v, %.9v, %v", found.Chains, found.Checkpoints, found.Faults, found.Rows, err)
		}
	}
	b.ReportMetric(float64(peak)/1e6, "MB-at-most")
	b.ReportMetric(worked.Seconds()/float64(b.N), "CPU-s/op")
}

// watchHeap looks every few milliseconds how large the heap is, with what is not collected yet. What it returns ends that, and
// returns the most there was.
func watchHeap() (stop func() uint64) {
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		peak := uint64(0)
		for going := true; going; {
			select {
			case <-done:
				going = false
			case <-tick.C:
			}
			metrics.Read(heap)
			peak = max(peak, heap[0].Value.Uint64())
		}
		most <- peak
	}()
	return func() uint64 {
		close(done)
		return <-most
	}
}

// processor is how long the processor has worked on this process.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchStore(b *testing.B) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), b.TempDir()+"/mfabot.db")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Seal(b.Context(), secret); err != nil {
		b.Fatal(err)
	}
	return s
}

// fill records entries in one transaction, of references that come again.
func fill(b *testing.B, s *store.Store, n, entries int) {
	b.Helper()
	err := s.Update(b.Context(), func(tx *store.Tx) error {
		for i := range entries {
			ref := fmt.Sprintf("LT-2026-%05d", (n*entries+i)%25_000)
			if err := tx.Record(context.Background(), intake.HistoryEntry{Ref: ref, At: noon, Event: "complete",
				By: "pharmacy@corner.test", Text: "A tremor in both hands."}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
