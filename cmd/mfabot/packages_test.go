package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestPackagesImportOneWay holds the packages to the import map, as make house does.
func TestPackagesImportOneWay(t *testing.T) {
	mayImport := readImportMap(t)
	list := `{{.ImportPath}} {{join .Imports " "}}`
	out, err := exec.Command("go", "list", "-tags", "real", "-f", list, "mfabot/...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		names := strings.Fields(line)
		pkg := strings.TrimPrefix(names[0], "mfabot/")
		allowed, known := mayImport[pkg]
		if !known {
			t.Errorf("%s is not in house/map.txt", pkg)
			continue
		}
		for _, imp := range names[1:] {
			if imp, ours := strings.CutPrefix(imp, "mfabot/"); ours && !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s, which house/map.txt does not allow", pkg, imp)
			}
		}
		delete(mayImport, pkg)
	}
	for pkg := range mayImport {
		t.Errorf("house/map.txt: there is no package %s", pkg)
	}
}

// readImportMap reads which of our packages each may import, all named by their folders.
func readImportMap(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../house/map.txt")
	done(t, err)
	mayImport := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if pkg, allowed, ok := strings.Cut(line, ":"); ok {
			mayImport[pkg] = append(mayImport[pkg], strings.Fields(allowed)...)
		}
	}
	return mayImport
}
