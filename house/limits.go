package main

import (
	"fmt"
	"slices"
	"strings"
)

// kind is what sizes are measured of.
type kind struct{ name, unit string }

var (
	aPackage    = kind{"package", "files"}
	aFile       = kind{"file", "lines"}
	aType       = kind{"type", "methods"}
	anInterface = kind{"interface", "methods"}
	aFunction   = kind{"function", "lines"}
)

// thing is something that has a size.
type thing struct {
	kind kind
	name string
	size int
	at   place
}

// limits are the most that each kind may have. A kind that is not in it has no limit.
type limits map[kind]int

var atMost = limits{aPackage: 30, aType: 30, anInterface: 15, aFunction: 60}

// breach is a limit or an arrow of the map that is not kept to.
type breach struct {
	at   place
	what string
}

// breaches are the things of a folder that are too large. A main package may have
// any number of files: a command line has one a subcommand.
func (l limits) breaches(f folder) (all []breach) {
	for _, t := range f.things {
		most, limited := l[t.kind]
		if !limited || t.size <= most || t.kind == aPackage && f.main {
			continue
		}
		all = append(all, breach{t.at, fmt.Sprintf("%s %s has %d %s, %d at most", t.kind.name, t.name, t.size, t.kind.unit, most)})
	}
	return all
}

// unseen are the files that were not measured, because of what they ask of the build.
func unseen(sources []string, folders []folder) (all []breach) {
	seen := make(map[string]bool)
	for _, f := range folders {
		for _, file := range f.files {
			seen[file] = true
		}
	}
	for _, file := range sources {
		if !strings.HasSuffix(file, "_test.go") && !seen[file] {
			all = append(all, breach{place{file, 1}, "not measured: it is not built with the tags " + tags})
		}
	}
	return all
}

// largest is the largest thing of a kind; nothing where there is none that has any size.
func largest(kind kind, things []thing) (most thing) {
	for _, t := range things {
		if t.kind == kind && t.size > most.size {
			most = t
		}
	}
	return most
}

func sortBreaches(all []breach) {
	slices.SortFunc(all, func(a, b breach) int {
		if c := strings.Compare(a.at.file, b.at.file); c != 0 {
			return c
		}
		if c := a.at.line - b.at.line; c != 0 {
			return c
		}
		return strings.Compare(a.what, b.what)
	})
}
