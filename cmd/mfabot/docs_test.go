package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	manual := readPaper(t, "docs/operating.md") + readPaper(t, "docs/running.md") + readPaper(t, "docs/microsoft365.md")
	for _, c := range newRoot(&app{}).Commands() {
		if name := c.Name(); name != "help" && !regexp.MustCompile("`(mfabot )?"+name+"\\b").MatchString(manual) {
			t.Errorf("the command %s is in none of docs/operating.md, running.md and microsoft365.md", name)
		}
	}
}

// kindOf finds the kinds of alert where they are listed.
var kindOf = regexp.MustCompile(`(?m)^\tAlert\w+ +AlertKind = "([a-z-]+)"`)

// TestManualNamesEveryAlert has the kinds of alert in the manual's table, and no others.
func TestManualNamesEveryAlert(t *testing.T) {
	var kinds []string
	for _, kind := range kindOf.FindAllStringSubmatch(readPaper(t, "intake/alertkind.go"), -1) {
		kinds = append(kinds, kind[1])
	}
	if len(kinds) < 20 {
		t.Errorf("only %d kinds of alert were found", len(kinds))
	}
	var told []string
	for _, row := range tableUnder(readPaper(t, "docs/troubleshooting.md"), "## Alerts") {
		for _, kind := range quoted.FindAllStringSubmatch(row[1], -1) {
			told = append(told, kind[1])
		}
	}
	slices.Sort(kinds)
	slices.Sort(told)
	if diff := cmp.Diff(kinds, slices.Compact(told)); diff != "" {
		t.Errorf("kinds of alert in docs/troubleshooting.md (-expected +there):\n%s", diff)
	}
}

// TestManualHasTheTableOfStates holds docs/architecture.md to the rules.
func TestManualHasTheTableOfStates(t *testing.T) {
	rows := tableUnder(readPaper(t, "docs/architecture.md"), "## The state of a request")
	if len(rows) == 0 {
		t.Fatal("there is no table")
	}
	var told []intake.Transition
	for _, row := range rows[1:] {
		from := intake.State(strings.Trim(row[0], "*"))
		for i, cell := range row[1:] {
			if cell != "" {
				on := intake.Event(strings.Trim(rows[0][i+1], "`"))
				told = append(told, intake.Transition{From: from, On: on, To: intake.State(cell)})
			}
		}
	}
	inOrder := cmpopts.SortSlices(func(a, b intake.Transition) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(intake.Transitions(), told, inOrder); diff != "" {
		t.Errorf("the table of states in docs/architecture.md (-expected +there):\n%s", diff)
	}
}

// tableUnder returns the cells of the first table under a heading, without the line below its first row.
func tableUnder(page, heading string) [][]string {
	_, below, _ := strings.Cut(page, "\n"+heading+"\n")
	var rows [][]string
	for line := range strings.Lines(below) {
		inside, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !isRow {
			if len(rows) > 0 {
				break
			}
			continue
		}
		if strings.HasPrefix(inside, "---") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.TrimSuffix(inside, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		rows = append(rows, row)
	}
	return rows
}

var (
	quoted = regexp.MustCompile("`([^`]*)`")
	// aPath is a file or folder of the repository as a paper names it, and aFile one of which the paper has named
	// the folder.
	aPath = regexp.MustCompile(`^[a-z][\w.-]*(/[\w.*-]+)+$`)
	aFile = regexp.MustCompile(`^\w+\.(go|txtar)$`)
)

// TestPapersNameFilesThatExist is about the papers for whoever changes the program.
func TestPapersNameFilesThatExist(t *testing.T) {
	for _, paper := range []string{"CONTRIBUTING.md", "docs/architecture.md"} {
		named := 0
		for _, name := range quoted.FindAllStringSubmatch(readPaper(t, paper), -1) {
			folders := []string{""}
			if aFile.MatchString(name[1]) {
				folders = []string{"*/*", "*/*/*", "*/*/*/*"}
			} else if !aPath.MatchString(name[1]) || strings.Contains(name[1], "NAME") {
				continue
			}
			named++
			if !slices.ContainsFunc(folders, func(folder string) bool {
				found, err := filepath.Glob(filepath.Join(root, folder, name[1]))
				return err == nil && len(found) > 0
			}) {
				t.Errorf("%s names %s, which is not there", paper, name[1])
			}
		}
		if named < 20 {
			t.Errorf("only %d files were found in %s", named, paper)
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

// allPapers are the papers of the repository, by name.
func allPapers(t *testing.T) map[string]string {
	t.Helper()
	pages := make(map[string]string)
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
	return pages
}

func TestLinksOfPapersLeadSomewhere(t *testing.T) {
	pages := allPapers(t)
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

// aTest is the name of a test that a paper gives as what shows something.
var aTest = regexp.MustCompile("`(Test[A-Z]\\w*)`")

// TestPapersNameTestsThatExist is about the papers that say by which test a promise is shown.
func TestPapersNameTestsThatExist(t *testing.T) {
	there := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			for _, f := range aTestIs.FindAllStringSubmatch(readPaper(t, strings.TrimPrefix(path, root+"/")), -1) {
				there[f[1]] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for paper, text := range allPapers(t) {
		for _, name := range aTest.FindAllStringSubmatch(text, -1) {
			named++
			if !there[name[1]] {
				t.Errorf("%s names %s, which is not there", paper, name[1])
			}
		}
	}
	if named < 80 {
		t.Errorf("only %d tests were found in the papers", named)
	}
}

// aTestIs is a test where it is.
var aTestIs = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)

// TestDataProtectionNamesEveryTable has what each table of the database holds of people in the paper about that, or that it
// holds nothing.
func TestDataProtectionNamesEveryTable(t *testing.T) {
	var schema map[string]string
	if err := json.Unmarshal([]byte(readPaper(t, "store/schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	paper := readPaper(t, "docs/data-protection.md")
	tables := 0
	for name := range schema {
		table, is := strings.CutPrefix(name, "table ")
		if !is {
			continue
		}
		tables++
		if !strings.Contains(paper, "`"+table+"`") {
			t.Errorf("docs/data-protection.md does not say what the table %s holds", table)
		}
	}
	if tables < 20 {
		t.Errorf("only %d tables were found", tables)
	}
}

// kept is how long something is kept, as docs/data-protection.md has it.
var kept = regexp.MustCompile("`((?:messages|evidence|personal)\\.\\w+)` (\\d+)d")

// TestDataProtectionSaysHowLong holds how long things are kept to the built-in policy.
func TestDataProtectionSaysHowLong(t *testing.T) {
	policy, err := intake.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]string)
	for _, rule := range kept.FindAllStringSubmatch(readPaper(t, "docs/data-protection.md"), -1) {
		told[rule[1]] = rule[2]
	}
	rules := make(map[string]string)
	for rule, d := range policy.Retention {
		rules[rule] = fmt.Sprint(int(d.Hours() / 24))
	}
	if diff := cmp.Diff(rules, told); diff != "" {
		t.Errorf("how long things are kept in docs/data-protection.md (-expected +there):\n%s", diff)
	}
}

// TestReadmeHasEachDocument in its index.
func TestReadmeHasEachDocument(t *testing.T) {
	readme := readPaper(t, "README.md")
	for paper := range allPapers(t) {
		if paper != "README.md" && !strings.Contains(readme, "]("+paper+")") {
			t.Errorf("README.md does not lead to %s", paper)
		}
	}
}
