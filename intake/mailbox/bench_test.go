package mailbox

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

func BenchmarkMemServer(b *testing.B) {
	benchmarkStep(b, newMemServer(imap.CapIMAP4rev2), 5<<10)
}

// benchmarkStep takes b.N messages of the size out of a mailbox, with filing.
func benchmarkStep(b *testing.B, srv server, size int) {
	cfg := srv.config(b)
	cfg.Log = slog.New(slog.DiscardHandler)
	p, l := meet(b, cfg), newLedger()
	text := letter("benchmark") + strings.Repeat("0123456789abcde\r\n", size/17)
	for range b.N {
		p.add("INBOX", text)
	}
	w := watch(b, cfg, l)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	b.ResetTimer()
	if n := drain(b, w); n != b.N {
		b.Fatalf("handled %d of %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
