package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// printSizes writes a line a package: how large it is, and the largest in it.
func printSizes(w io.Writer, folders []folder) error {
	table := newTable(w)
	fmt.Fprintln(table, "package\tfiles\tlines\tlongest file\tlongest function\tmost methods\tlargest interface")
	for _, f := range folders {
		fmt.Fprintf(table, "%s\t%d\t%d", f.name, len(f.files), f.lines)
		for _, kind := range []kind{aFile, aFunction, aType, anInterface} {
			most := largest(kind, f.things)
			if most.size == 0 {
				fmt.Fprint(table, "\t-")
				continue
			}
			fmt.Fprintf(table, "\t%s %d", most.name, most.size)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

// printImports writes a line a package: what it imports of the module's own.
func printImports(w io.Writer, folders []folder) error {
	table := newTable(w)
	fmt.Fprintln(table, "\npackage\timports")
	for _, f := range folders {
		var names []string
		for _, i := range f.imports {
			names = append(names, i.name)
		}
		if len(names) == 0 {
			names = []string{"-"}
		}
		slices.Sort(names)
		fmt.Fprintf(table, "%s\t%s\n", f.name, strings.Join(slices.Compact(names), " "))
	}
	return table.Flush()
}

// printBreaches writes a line a breach, in the order of the files.
func printBreaches(w io.Writer, all []breach) error {
	sortBreaches(all)
	for i, b := range all {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintf(w, "%s:%d: %s\n", b.at.file, b.at.line, b.what); err != nil {
			return err
		}
	}
	return nil
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }
