package main

import (
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
)

func TestInOrder(t *testing.T) {
	in := make([]int, 1000)
	for i := range in {
		in[i] = i
	}
	var working, most atomic.Int32
	work := func(i int) int {
		n := working.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		defer working.Add(-1)
		return i
	}
	var out []int
	if err := inOrder(in, work, func(i int) error { out = append(out, i); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(in, out) {
		t.Errorf("out of order: %v", out)
	}

	full := errors.New("disk full")
	if err := inOrder(in, work, func(int) error { return full }); !errors.Is(err, full) {
		t.Errorf("err = %v", err)
	}
	if n := working.Load(); n != 0 {
		t.Errorf("%d are still working", n)
	}
	if limit := int32(runtime.GOMAXPROCS(0)); most.Load() > limit {
		t.Errorf("%d worked at once, more than %d", most.Load(), limit)
	}
}
