package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestTaught: what is compiled in is what the lessons teach.
func TestTaught(t *testing.T) {
	dir := t.TempDir()
	tables := []string{"meaning/lexicon.bin", "meaning/reasons.bin", "meaning/methods.bin", "meaning/kinds.bin", "whom/roles.bin",
		"whom/doubts.bin"}
	for _, folder := range []string{"meaning", "whom"} {
		if err := os.CopyFS(filepath.Join(dir, folder, "lessons"), os.DirFS(filepath.Join("..", folder, "lessons"))); err != nil {
			t.Fatal(err)
		}
	}
	for _, lesson := range []func(string) error{concepts, reasons, methods, kinds, roles} {
		if err := lesson(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range tables {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what its lessons teach: run go generate ./parser", name)
		}
	}
}
