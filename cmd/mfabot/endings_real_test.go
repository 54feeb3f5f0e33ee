//go:build real

package main

import (
	"syscall"
	"testing"
)

// TestFloodedDiskReal is TestFloodedDisk on a file system of that size. It needs to mount one.
func TestFloodedDiskReal(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { done(t, syscall.Unmount(dir, 0)) }) // after the database is closed
	f := newFlooded(t, dir, "SELECT 1", nil)
	f.isStopped(f.flood(pharmacy))
	f.endsOnTime()
	f.toldOfSpace()
}
