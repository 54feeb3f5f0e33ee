package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"mfabot/intake"
)

// largeParts has one piece of evidence.
type largeParts struct {
	content []byte
	times   int // how often the evidence repeats it
	reads   int
	fails   int // the reading that fails before its end
	err     error
}

func (p *largeParts) Evidence(_ context.Context, _ int64, _ string, w io.Writer) error {
	p.reads++
	for n := range p.times {
		if p.reads == p.fails && n == p.times-1 {
			return p.err
		}
		if _, err := w.Write(p.content); err != nil {
			return err
		}
	}
	return nil
}

func newLargeParts(size, times int) *largeParts {
	p := &largeParts{content: make([]byte, size), times: times}
	_, _ = rand.NewChaCha8([32]byte{}).Read(p.content)
	return p
}

// attaching returns a bench whose first message attaches the evidence.
func attaching(t *testing.T, s *server, p Parts) *bench {
	t.Helper()
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test")
	b.composer.parts = p
	b.queue.messages[0].Attach = []intake.Attachment{{InboundID: 17, Part: "2", Filename: "scan.pdf", MediaType: "application/pdf"}}
	return b
}

// TestEvidenceOfAnySize: evidence arrives as stored, wherever its pieces end.
func TestEvidenceOfAnySize(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {56, 1}, {57, 1}, {58, 1}, {lineBytes * linesAtOnce, 1}, {1000, 10},
		{maxKept, 1}, {maxKept + 1, 1}, {100_000, 5}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := (&server{}).start(t, nil, false)
			p := newLargeParts(size[0], size[1])
			b := attaching(t, s, p)
			b.step(t, 2)
			raw := s.mail()[0].raw
			for line := range bytes.Lines(raw) {
				if len(line) > 76+len("\r\n") {
					t.Errorf("a line of %d bytes: %.80q", len(line), line)
				}
			}
			_, leaves := partsOf(t, raw)
			want := bytes.Repeat(p.content, p.times)
			if len(leaves) != 3 || !bytes.Equal(leaves[2].content, want) || leaves[2].filename != "scan.pdf" {
				t.Errorf("%d parts, the last of %d bytes; want %d", len(leaves), len(leaves[len(leaves)-1].content), len(want))
			}
		})
	}
}

// TestEvidenceThatCannotBeRead: it is found before the server is contacted.
func TestEvidenceThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{{errors.New("database is locked"), "retry 1"}, {fmt.Errorf("%w: no key", ErrUnsendable), "fail 1"}} {
		s := (&server{}).start(t, nil, false)
		p := newLargeParts(100_000, 2)
		p.fails, p.err = 1, c.err
		b := attaching(t, s, p)
		b.queue.messages = b.queue.messages[:1]
		b.step(t, 0)
		b.wantEvents(t, "try 1", c.want)
		if s.dialled() != 0 {
			t.Errorf("%v: %d connections", c.err, s.dialled())
		}
	}
}

// TestEvidenceThatBreaksOff: a message of which only part can be read is not sent, and the next one is.
func TestEvidenceThatBreaksOff(t *testing.T) {
	for _, answer := range []bool{false, true} {
		s := (&server{}).start(t, nil, false)
		p := newLargeParts(100_000, 5)
		p.fails, p.err = 2, errors.New("disk I/O error")
		b := attaching(t, s, p)
		b.queue.messages[0].Answer = answer
		b.step(t, 1)
		b.wantEvents(t, "try 1 2", "retry 1", "sent 2")
		if got := s.mail(); len(got) != 1 || got[0].to != "b@x.test" || s.dialled() != 2 {
			t.Errorf("%d messages over %d connections", len(got), s.dialled())
		}
		b.now = b.queue.messages[0].DueAt
		b.step(t, 1)
		_, leaves := partsOf(t, s.mail()[1].raw)
		if !bytes.Equal(leaves[2].content, bytes.Repeat(p.content, p.times)) {
			t.Errorf("%d bytes came the second time", len(leaves[2].content))
		}
	}
}

// TestEvidenceIsNotHeld: evidence of any size takes little memory beside the letter's own.
func TestEvidenceIsNotHeld(t *testing.T) {
	c := testComposer(t)
	c.parts = newLargeParts(1<<20, 16)
	takes := func(evidence ...intake.Attachment) uint64 {
		o := intake.Outbound{Letter: requestLetter(intake.LetterReview, intake.ToReviewer, nil), MessageID: "m@helpdesk.test"}
		o.Attach = evidence
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		msg, err := c.Compose(t.Context(), o, monday)
		if err != nil {
			t.Fatal(err)
		}
		if err := msg.Stream(t.Context(), io.Discard); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	takes() // the letter's template is read when the first one is written
	without := takes()
	with := takes(intake.Attachment{InboundID: 17, Part: "2", Filename: "scan.pdf", MediaType: "application/pdf"})
	if with > without+2<<20 {
		t.Errorf("16 MB of evidence took %d bytes of memory, and the letter without it %d", with, without)
	}
}
