package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestBrokenRules breaks one rule after the other, and expects the simulation to find each within as many
// seeds as BROKEN says; without that it only looks whether each can still be broken so. Each file of testdata/broken
// breaks one rule: it says which text of which file to replace with what. `make simulate-broken` runs it.
func TestBrokenRules(t *testing.T) {
	seeds := os.Getenv("BROKEN")
	files, err := filepath.Glob(filepath.Join("testdata", "broken", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken rules: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			overlay := breakRule(t, archive)
			if seeds == "" {
				return
			}
			run := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-run", "^TestSimulation$", "-count", "1",
				"-timeout", "30m", ".")
			run.Env = append(os.Environ(), "SEEDS="+seeds, "ENOUGH=1", "BROKEN=")
			out, err := run.CombinedOutput()
			found := violation.FindSubmatch(out)
			if err == nil || found == nil {
				t.Fatalf("not found in %s seeds: %s\n%s", seeds, archive.Comment, out)
			}
			fmt.Printf("broken: %-24s found after %s runs, seed %s: %s\n", name, runsIn.FindSubmatch(out)[1], found[1], found[2])
		})
	}
}

var (
	violation = regexp.MustCompile(`seed (\d+): (.*) \(rerun`)
	runsIn    = regexp.MustCompile(`simulate: (\d+) runs`)
)

// breakRule writes the changed files, and returns the overlay with which the go command builds them.
func breakRule(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string }
	overlay.Replace = make(map[string]string)
	for i, f := range archive.Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		from := path
		if changed, twice := overlay.Replace[path]; twice {
			from = changed
		}
		source, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		was, is, ok := strings.Cut(string(f.Data), "=======\n")
		was, is = strings.TrimSuffix(was, "\n"), strings.TrimSuffix(is, "\n")
		if n := strings.Count(string(source), was); !ok || n != 1 {
			t.Fatalf("%s holds this %d times, expected once: "+
				"the rule is kept in another way now, to be broken in another way\n%s", f.Name, n, was)
		}
		changed := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(changed, []byte(strings.Replace(string(source), was, is, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[path] = changed
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
