package mailbox

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"mfabot/intake"
)

func TestChoose(t *testing.T) {
	const limit = batchBytes / 2
	for name, test := range map[string]struct {
		sizes          []int64 // -1: gone
		tried          int
		whole, headers []uint32
	}{
		"nothing":                     {},
		"all gone":                    {sizes: []int64{-1, -1}, tried: 2},
		"all fit":                     {sizes: []int64{1, 2, 0}, tried: 3, whole: []uint32{1, 2, 3}},
		"exactly full":                {sizes: []int64{limit, limit, 1}, tried: 2, whole: []uint32{1, 2}},
		"one too many":                {sizes: []int64{limit, 1, limit}, tried: 2, whole: []uint32{1, 2}},
		"above the limit":             {sizes: []int64{limit + 1, 5}, tried: 2, whole: []uint32{2}, headers: []uint32{1}},
		"gone between":                {sizes: []int64{5, -1, 5}, tried: 3, whole: []uint32{1, 3}},
		"headers count for their own": {sizes: []int64{1 << 40, limit, limit - maxHeader, 1}, tried: 3, whole: []uint32{2, 3}, headers: []uint32{1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &batch{limit: limit, messages: make(map[uint32]*message)}
			var uids []uint32
			for i, size := range test.sizes {
				uid := uint32(i + 1)
				uids = append(uids, uid)
				if size >= 0 {
					b.messages[uid] = &message{arrival: intake.Arrival{Size: size}}
				}
			}
			equal(t, "tried", b.choose(uids), test.tried)
			equal(t, "whole", b.whole, test.whole)
			equal(t, "headers", b.headers, test.headers)
		})
	}
}

// One message is read even if it is larger than a batch may be.
func TestChooseOneAtLeast(t *testing.T) {
	b := &batch{limit: 3 * batchBytes, messages: map[uint32]*message{
		1: {arrival: intake.Arrival{Size: 2 * batchBytes}},
		2: {arrival: intake.Arrival{Size: 1}},
	}}
	equal(t, "tried", b.choose([]uint32{1, 2}), 1)
}

// literal has the size that it says, and perhaps fewer bytes.
type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// The sizes that a server gives beforehand are not believed.
func TestReadLimits(t *testing.T) {
	large := "Subject: x\r\n\r\n" + strings.Repeat("y", 100)
	b := &batch{limit: 50}
	m := &message{arrival: intake.Arrival{Size: 20}}
	if err := b.read(m, literal{strings.NewReader(large), int64(len(large))}); err != nil {
		t.Fatal(err)
	}
	equal(t, "arrival", m.arrival, intake.Arrival{
		Raw: []byte("Subject: x\r\n\r\n"), Size: int64(len(large)), HeaderOnly: true,
	})

	b = &batch{limit: 2 * batchBytes, taken: batchBytes - 10}
	m = &message{arrival: intake.Arrival{Size: 5}}
	if err := b.read(m, literal{strings.NewReader("12345678901"), 11}); err != nil || m.read {
		t.Errorf("read %v beyond the bound, %v", m.read, err)
	}

	b = &batch{limit: 50}
	for _, size := range []int64{20, 60} {
		err := b.read(m, literal{bytes.NewReader(make([]byte, 10)), size})
		if !errors.Is(err, io.ErrUnexpectedEOF) || m.read {
			t.Errorf("a literal of %d that ends at 10: %v, read %v", size, err, m.read)
		}
	}
}
