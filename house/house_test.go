package main

import (
	"os"
	"strings"
	"testing"
)

// few are limits that a small module can break.
var few = limits{aPackage: 2, aType: 3, anInterface: 2, aFunction: 5}

func TestEachBreachIsFound(t *testing.T) {
	var out strings.Builder
	breaches, err := inspect(&out, "testdata/crooked", "map.txt", few)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/crooked.txt")
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if lines := strings.Count(out.String(), ".go:") + strings.Count(out.String(), "map.txt:"); breaches != lines {
		t.Errorf("%d breaches were counted, and %d printed", breaches, lines)
	}
}

func TestSoundModuleHasNone(t *testing.T) {
	var out strings.Builder
	breaches, err := inspect(&out, "testdata/sound", "map.txt", few)
	if err != nil || breaches != 0 {
		t.Errorf("%d breaches, %v\n%s", breaches, err, out.String())
	}
}

func TestWhatCannotBeMeasuredIsAnError(t *testing.T) {
	for root, mapName := range map[string]string{
		"testdata/broken": "map.txt", // does not compile
		"testdata/sound":  "none.txt",
		"testdata":        "sound/map.txt", // no package
	} {
		var out strings.Builder
		if _, err := inspect(&out, root, mapName, few); err == nil {
			t.Errorf("%s with %s: no error\n%s", root, mapName, out.String())
		}
	}
}

func TestHouseKeepsItsOwnLimits(t *testing.T) {
	folders, err := load(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		for _, b := range atMost.breaches(f) {
			t.Errorf("%s:%d: %s", b.at.file, b.at.line, b.what)
		}
	}
}
