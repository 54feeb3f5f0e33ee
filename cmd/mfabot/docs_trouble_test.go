package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// headlineAt is which argument of a call is the headline of an alert.
var headlineAt = map[string]int{"Alert": 4, "AlertOperator": 3, "onceADay": 4, "raise": 4, "securityEvent": 5}

// placeholder is where a headline, or a line of /readyz, has a fact.
var placeholder = regexp.MustCompile(`%[a-z.0-9]+`)

// TestTroubleshootingHasEachAlert has the headline of each alert that the program can send in the table of what to do.
func TestTroubleshootingHasEachAlert(t *testing.T) {
	var said []string
	for _, folder := range []string{"intake/*", "cmd/mfabot/internal/bot"} {
		said = append(said, literals(t, folder, func(n ast.Node) (found []ast.Expr) {
			switch n := n.(type) {
			case *ast.CallExpr:
				if at, is := headlineAt[calls(n)]; is && len(n.Args) > at {
					found = append(found, n.Args[at])
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if id, is := to.(*ast.Ident); is && id.Name == "headline" && len(n.Rhs) == len(n.Lhs) {
						found = append(found, n.Rhs[i])
					}
				}
			case *ast.KeyValueExpr:
				if id, is := n.Key.(*ast.Ident); is && id.Name == "Headline" {
					found = append(found, n.Value)
				}
			}
			return found
		})...)
	}
	hasEach(t, 35, said, "## Alerts")
}

// TestTroubleshootingHasEachLineOfReadyz has what /readyz can say in the table of what to do.
func TestTroubleshootingHasEachLineOfReadyz(t *testing.T) {
	hasEach(t, 15, literals(t, "cmd/mfabot/internal/bot", func(n ast.Node) (found []ast.Expr) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if calls(n) == "unwell" {
				found = append(found, n.Args[2:]...)
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, is := e.(*ast.KeyValueExpr); is {
					if id, is := kv.Key.(*ast.Ident); is && id.Name == "What" {
						found = append(found, kv.Value)
					}
				}
			}
		}
		return found
	}), "## `/readyz`")
}

// hasEach has all that was said in the first column of a table of docs/troubleshooting.md.
func hasEach(t *testing.T, least int, said []string, heading string) {
	t.Helper()
	var told strings.Builder
	for _, row := range tableUnder(readPaper(t, "docs/troubleshooting.md"), heading) {
		told.WriteString(row[0] + "\n")
	}
	slices.Sort(said)
	said = slices.Compact(said)
	for _, words := range said {
		if !strings.Contains(told.String(), words) {
			t.Errorf("%q is not in the table below %q of docs/troubleshooting.md", words, heading)
		}
	}
	if len(said) < least {
		t.Errorf("only %d were found: %q", len(said), said)
	}
}

// calls is the name of the function that is called.
func calls(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// literals are the words in the expressions of a folder's files that are looked for, without the facts among them.
func literals(t *testing.T, folder string, look func(ast.Node) []ast.Expr) (words []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range look(n) {
				ast.Inspect(e, func(n ast.Node) bool {
					if lit, is := n.(*ast.BasicLit); is && lit.Kind == token.STRING {
						text, _ := strconv.Unquote(lit.Value)
						for _, part := range placeholder.Split(text, -1) {
							if part = strings.Trim(part, " :,"); len(part) > 7 {
								words = append(words, part)
							}
						}
					}
					return true
				})
			}
			return true
		})
	}
	return words
}

// ofTheSystem are words of errors that are not ours.
var ofTheSystem = []string{"permission denied", "no such host", "connection refused", "sites.csv"}

// TestTroubleshootingHasTheWordsOfTheProgram: what a start is said to say, it says.
func TestTroubleshootingHasTheWordsOfTheProgram(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"store/*.go", "store/nearby/*.go", "intake/*.go", "intake/*/*.go", "cmd/mfabot/internal/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if !strings.HasSuffix(name, "_test.go") {
				source.WriteString(readPaper(t, strings.TrimPrefix(name, root+"/")))
			}
		}
	}
	said := 0
	for _, row := range tableUnder(readPaper(t, "docs/troubleshooting.md"), "### It does not start") {
		for _, words := range quoted.FindAllStringSubmatch(row[0], -1) {
			said++
			if !slices.Contains(ofTheSystem, words[1]) && !strings.Contains(source.String(), words[1]) {
				t.Errorf("nothing says %q", words[1])
			}
		}
	}
	if said < 12 {
		t.Errorf("only %d were found", said)
	}
}
