// Command house prints how large mfabot's packages are and what they import of
// each other, and then each breach of the limits on that as "file:line: what, limit".
// With any it exits with 1. Run it in its own folder, as make house does.
//
// The values of an enumeration are listed in one file, and written out nowhere else.
// Tests are not measured and may import what they like. Neither are modules of
// their own looked at, which are no part of mfabot.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	breaches, err := inspect(os.Stdout, "..", "house/map.txt", atMost)
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
	}
	if err != nil || breaches > 0 {
		os.Exit(1)
	}
}

// inspect writes to w the sizes, the imports and the breaches of the module in the
// folder root, and returns how many breaches there are. The import map is the file
// mapName below root. An error says that the module cannot be measured, as when it
// does not compile.
func inspect(w io.Writer, root, mapName string, most limits) (breaches int, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return 0, err
	}
	m, err := readMap(root, mapName)
	if err != nil {
		return 0, err
	}
	sources, err := sourcesBelow(root)
	if err != nil {
		return 0, err
	}
	folders, err := load(root)
	if err != nil {
		return 0, err
	}
	if err := printSizes(w, folders); err != nil {
		return 0, err
	}
	if err := printImports(w, folders); err != nil {
		return 0, err
	}
	var all []breach
	for _, f := range folders {
		all = append(all, most.breaches(f)...)
		all = append(all, m.forbidden(f)...)
		all = append(all, f.words...)
	}
	all = append(all, m.astray(sources)...)
	all = append(all, unseen(sources, folders)...)
	return len(all), printBreaches(w, all)
}
