package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// importMap says which packages of the module each package may import. Its file has
// lines "package: package package ...", all named by their folders, and comments that
// begin with #. What a package may import can be spread over several lines.
type importMap struct {
	file  string
	lines []mapLine
}

type mapLine struct {
	number  int
	name    string
	allowed []string
}

// readMap reads the map from the file name below root.
func readMap(root, name string) (importMap, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return importMap{}, err
	}
	m := importMap{file: name}
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		pkg, allowed, ok := strings.Cut(line, ":")
		if !ok {
			return importMap{}, fmt.Errorf("%s:%d: expected a package and a colon", name, i+1)
		}
		m.lines = append(m.lines, mapLine{i + 1, strings.TrimSpace(pkg), strings.Fields(allowed)})
	}
	return m, nil
}

func (m importMap) has(name string) bool {
	return slices.ContainsFunc(m.lines, func(l mapLine) bool { return l.name == name })
}

func (m importMap) allows(from, to string) bool {
	return slices.ContainsFunc(m.lines, func(l mapLine) bool { return l.name == from && slices.Contains(l.allowed, to) })
}

// forbidden are a folder's imports that the map does not allow. Of a folder that is
// not on the map only that is said, by astray.
func (m importMap) forbidden(f folder) (all []breach) {
	for _, i := range f.imports {
		if m.has(f.name) && !m.allows(f.name, i.name) {
			all = append(all, breach{i.at, fmt.Sprintf("%s imports %s, which %s does not allow", f.name, i.name, m.file)})
		}
	}
	return all
}

// astray are the folders with Go files that are not on the map, each by its first
// file, and what is on the map and not in the repository.
func (m importMap) astray(sources []string) (all []breach) {
	first := make(map[string]string)
	for _, file := range sources {
		dir := path.Dir(file)
		if first[dir] == "" {
			first[dir] = file
		}
	}
	for dir, file := range first {
		if !m.has(dir) {
			all = append(all, breach{place{file, 1}, fmt.Sprintf("%s is not in %s", dir, m.file)})
		}
	}
	for _, l := range m.lines {
		for _, name := range append([]string{l.name}, l.allowed...) {
			if first[name] == "" {
				all = append(all, breach{place{m.file, l.number}, "there is no package " + name})
			}
		}
	}
	return all
}
