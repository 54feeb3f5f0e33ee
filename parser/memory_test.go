package parser_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// measure reads a runtime metric.
func measure(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// heapBytes returns the memory taken by objects, dead ones included until they are collected.
func heapBytes() uint64 { return measure("/memory/classes/heap/objects:bytes") }

// peakHeap returns how much the heap grows while f runs on a machine that has little more: what can be
// collected is collected before the limit is reached, so anything beyond it is still in use by f.
func peakHeap(f func()) uint64 {
	if maxHeap == 0 {
		f()
		return 0
	}
	runtime.GC()
	inUse := measure("/memory/classes/total:bytes") - measure("/memory/classes/heap/released:bytes")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(inUse) + maxHeap*3/4))
	before := heapBytes()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		for {
			select {
			case <-stop:
				peak <- highest
				return
			case <-time.After(2 * time.Millisecond):
				highest = max(highest, heapBytes())
			}
		}
	}()
	f()
	close(stop)
	highest := <-peak
	return max(highest, before) - before
}
