package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
)

// TestManualHasEachKeyInItsTable holds the manual to what the program reads: each key of the configuration and of the policy
// in the table of its own part, and no key that there is not. The file to begin with shows each as well.
func TestManualHasEachKeyInItsTable(t *testing.T) {
	for _, c := range []struct {
		folder, file  string         // with the type that the file is read into
		elsewhere     *regexp.Regexp // keys of another page, or the operator's own
		example, page string
	}{
		{"cmd/mfabot/internal/config", "configFile", regexp.MustCompile(`^$`),
			"cmd/mfabot/example/mfabot.toml", "docs/configuration.md"},
		{"intake", "policyFile", regexp.MustCompile(`^(welsh$|retention\.)`), "intake/policy.toml", "docs/policy.md"},
	} {
		types := structsOf(t, filepath.Join(root, c.folder))
		read := keysBelow(types, c.file, "")
		read = slices.DeleteFunc(read, func(key string) bool { return c.elsewhere.MatchString(key) })
		told := keysIn(readPaper(t, c.page))
		slices.Sort(read)
		slices.Sort(told)
		if len(read) < 40 {
			t.Errorf("only %d keys were found in %s", len(read), c.folder)
		}
		if d := diff.Diff(read, slices.Compact(told)); d != "" {
			t.Errorf("keys in %s (-read +there):\n%s", c.page, d)
		}
		shown := keyOf.FindAllStringSubmatch(readPaper(t, c.example), -1)
		for _, key := range read {
			if !slices.ContainsFunc(shown, func(m []string) bool { return m[1] == key[strings.LastIndex(key, ".")+1:] }) {
				t.Errorf("%s does not show %s", c.example, key)
			}
		}
	}
}

// structsOf are the structs of a package, by name.
func structsOf(t *testing.T, folder string) map[string]*ast.StructType {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	types := make(map[string]*ast.StructType)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, is := n.(*ast.TypeSpec); is {
				if s, is := spec.Type.(*ast.StructType); is {
					types[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	return types
}

// keysBelow are the keys that a struct is read from, each with its table before it.
func keysBelow(types map[string]*ast.StructType, name, table string) (keys []string) {
	for _, field := range types[name].Fields.List {
		for _, f := range field.Names {
			key := strings.ToLower(f.Name)
			if field.Tag != nil {
				tag, _ := strconv.Unquote(field.Tag.Value)
				key = cmp.Or(reflect.StructTag(tag).Get("toml"), key)
			}
			within := strings.TrimPrefix(table+"."+key, ".")
			if of := elementOf(field.Type); types[of] != nil {
				keys = append(keys, keysBelow(types, of, within)...)
			} else if key != "-" {
				keys = append(keys, within)
			}
		}
	}
	return keys
}

// elementOf is the name of a type, or of what it is a list or a table of.
func elementOf(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return elementOf(t.X)
	case *ast.ArrayType:
		return elementOf(t.Elt)
	case *ast.MapType:
		return elementOf(t.Value)
	}
	return ""
}

// aTable is a table of a file, as a heading of the manual has it.
var aTable = regexp.MustCompile("`\\[+([a-z_.]+?)(?:\\.NAME)?\\]+`")

// keysIn are the keys that a page explains: in a table whose first column is "key", for each table that the heading above names.
func keysIn(page string) (keys []string) {
	var tables []string
	inTable := false
	for line := range strings.Lines(page) {
		row, isRow := strings.CutPrefix(line, "| ")
		first, _, _ := strings.Cut(row, " |")
		switch {
		case strings.HasPrefix(line, "#"):
			tables = nil
			for _, t := range aTable.FindAllStringSubmatch(line, -1) {
				tables = append(tables, t[1]+".")
			}
			if strings.HasPrefix(line, "## The top of the file") {
				tables = []string{""}
			}
		case !isRow:
			inTable = inTable && strings.HasPrefix(line, "|")
		case first == "key":
			inTable = true
		case inTable:
			for _, key := range quoted.FindAllStringSubmatch(first, -1) {
				for _, t := range tables {
					keys = append(keys, t+key[1])
				}
			}
		}
	}
	return keys
}
