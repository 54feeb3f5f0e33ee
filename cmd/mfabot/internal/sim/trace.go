package sim

import (
	"bytes"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
)

// Trace is everything that happened in a run, in order: its digest shows whether two runs went the same way.
type Trace struct {
	digest hash.Hash64
	log    io.Writer // nil if nobody reads it
	clock  *Clock
	line   []byte
}

// NewTrace returns an empty trace; log, if not nil, gets every line.
func NewTrace(clock *Clock, log io.Writer) *Trace {
	return &Trace{digest: fnv.New64a(), log: log, clock: clock}
}

// Note adds to the trace.
func (t *Trace) Note(format string, args ...any) {
	t.line = fmt.Appendf(t.line[:0], format, args...)
	t.line = append(t.line, '\n')
	_, _ = t.digest.Write(t.line)
	t.show()
}

// note is Note for words that need no formatting.
func (t *Trace) note(words ...string) {
	t.line = t.line[:0]
	for _, w := range words {
		t.line = append(t.line, w...)
	}
	t.line = append(t.line, '\n')
	_, _ = t.digest.Write(t.line)
	if t.log != nil {
		t.line = append(bytes.Join(bytes.Fields(t.line), []byte(" ")), '\n')
		t.show()
	}
}

// Remark shows a reader something that is not part of the trace: words that may differ between runs.
func (t *Trace) Remark(format string, args ...any) {
	if t.log != nil {
		fmt.Fprintf(t.log, "%s      # "+format+"\n", append([]any{t.now()}, args...)...)
	}
}

func (t *Trace) show() {
	if t.log != nil {
		fmt.Fprintf(t.log, "%s %s", t.now(), t.line)
	}
}

func (t *Trace) now() string { return t.clock.Now().Format("2006-01-02 15:04:05") }

// Sum returns the digest so far.
func (t *Trace) Sum() uint64 { return t.digest.Sum64() }
