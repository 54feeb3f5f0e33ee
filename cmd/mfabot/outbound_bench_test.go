//go:build real

package main

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkOutbound measures how fast letters go out that are on record, beside go-mail alone: LETTERS of them, half with evidence.
func BenchmarkOutbound(b *testing.B) {
	d := newDrain(b, backlog{"5 KB", 5 << 10, howMany(b, "LETTERS", 5_000) / 2})
	d.fill(b)
	d.sink.tell(b, "hold")
	p := startMeasured(b, d.mfabot(b))
	d.await(b, p, func() bool { return d.left(b) == 0 })
	worked, began := p.worked(), time.Now()
	d.sink.tell(b, "go")
	d.await(b, p, func() bool { return d.sink.letters() >= 2*d.n })
	sent := cost{d.sink.last().Sub(began), p.worked() - worked}
	p.end(b)
	alone := d.send(b)
	fmt.Printf("\n\n%d letters on record, to a submission server on loopback with STARTTLS, on one connection.\n\n", 2*d.n)
	fmt.Printf(drainHead, "", "seconds", "a second", "CPU ms", "mfabot against")
	sent.row("mfabot", 2*d.n, sent.took)
	alone.row("go-mail alone", 2*d.n, sent.took)
	fmt.Println()
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}
