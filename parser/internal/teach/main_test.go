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
	for folder, files := range map[string][]string{"meaning": {"lexicon.bin", "reasons.bin", "methods.bin", "kinds.bin"},
		"whom": {"roles.bin"}} {
		if err := os.CopyFS(filepath.Join(dir, folder, "lessons"), os.DirFS(filepath.Join("..", folder, "lessons"))); err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if err := write(filepath.Join(dir, folder), name, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, lesson := range map[string]func(string) error{"meaning/lexicon.bin": concepts, "meaning/reasons.bin": reasons,
		"meaning/methods.bin": methods, "meaning/kinds.bin": kinds, "whom/roles.bin": roles} {
		if err := lesson(dir); err != nil {
			t.Fatal(err)
		}
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
