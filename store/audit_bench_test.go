package store_test

import (
	"context"
	"fmt"
	"testing"

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
