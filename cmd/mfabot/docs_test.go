package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
)

// root is the repository, from here.
const root = "../.."

// readPaper returns a file of the repository.
func readPaper(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keyOf finds the keys of a TOML file, also of those that a comment shows.
var keyOf = regexp.MustCompile(`(?m)^[# ]*([a-z_]+) *=`)

// TestManualNamesEveryKey has every key of the example configuration and of the built-in policy explained in
// the manual.
func TestManualNamesEveryKey(t *testing.T) {
	for _, c := range []struct {
		file   string
		papers []string
	}{
		{"cmd/mfabot/example/mfabot.toml", []string{"docs/configuration.md"}},
		{"intake/policy.toml", []string{"docs/policy.md", "docs/retention.md"}},
	} {
		var manual strings.Builder
		for _, paper := range c.papers {
			manual.WriteString(readPaper(t, paper))
		}
		keys := keyOf.FindAllStringSubmatch(readPaper(t, c.file), -1)
		if len(keys) < 20 {
			t.Errorf("only %d keys were found in %s", len(keys), c.file)
		}
		for _, key := range keys {
			if !strings.Contains(manual.String(), "`"+key[1]+"`") {
				t.Errorf("%s of %s is not in %s", key[1], c.file, strings.Join(c.papers, " or "))
			}
		}
	}
}

// TestManualNamesEveryReason has the built-in reasons in the manual, by their ids.
func TestManualNamesEveryReason(t *testing.T) {
	policy, err := intake.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	manual := readPaper(t, "docs/policy.md")
	for _, id := range slices.Concat(policy.ShortTerm.IDs(), policy.LongTerm.IDs()) {
		if !strings.Contains(manual, "`"+id+"`") {
			t.Errorf("the reason %s is not in docs/policy.md", id)
		}
	}
}

func TestManualNamesEveryCommand(t *testing.T) {
	manual := readPaper(t, "docs/operating.md") + readPaper(t, "docs/running.md")
	for _, c := range newRoot(&app{}).Commands() {
		if name := c.Name(); name != "help" && !regexp.MustCompile("`(mfabot )?"+name+"\\b").MatchString(manual) {
			t.Errorf("the command %s is in neither docs/operating.md nor docs/running.md", name)
		}
	}
}

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)]*)\)`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the fragments by which the headings of a page are linked to.
func anchors(page string) []string {
	var out []string
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		out = append(out, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return out
}

func TestLinksOfPapersLeadSomewhere(t *testing.T) {
	pages := make(map[string]string) // by name, from the repository
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			pages[name] = readPaper(t, name)
		}
	}
	links := 0
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		for _, l := range link.FindAllStringSubmatch(pages[name], -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			links++
			target, fragment, within := strings.Cut(l[1], "#")
			to := name
			if target != "" {
				to = filepath.Join(filepath.Dir(name), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s: %v", name, l[1], err)
			} else if within && !slices.Contains(anchors(pages[to]), fragment) {
				t.Errorf("%s links to %s, and there is no such heading", name, l[1])
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}
