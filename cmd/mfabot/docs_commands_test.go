package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// inPaper is a command line of mfabot in a paper: what stands in the place of a terminal, or a name in running text.
type inPaper struct {
	paper  string
	words  []string // without mfabot itself
	fenced bool     // to be typed as it stands
}

func (s inPaper) String() string { return s.paper + ": mfabot " + strings.Join(s.words, " ") }

var (
	// aFence is a block of a paper, aSpan a command in its running text, and aName what the program is called there.
	aFence = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	aSpan  = regexp.MustCompile("`(?:bin/)?mfabot(?:-demo)? ([^`]+)`")
	aName  = regexp.MustCompile(`^(bin/)?mfabot(-demo)?$`)
	// aWord is a word as a shell has it.
	aWord = regexp.MustCompile(`"[^"]*"|'[^']*'|[^\s"']+`)
	// asWho is what may stand before the command, and aRef and aNumber what another run gives otherwise.
	asWho   = regexp.MustCompile(`^(sudo|-u|mfabot:?|[A-Z_]+=\S+)$`)
	aRef    = regexp.MustCompile(`^((LT|ST)-\d{4}-\d{5}|\$\w+)$`)
	aNumber = regexp.MustCompile(`^\d{1,4}$`)
)

// commandOf returns the words of a line that runs mfabot, and whether it is one.
func commandOf(line string) (words []string, is bool) {
	found := aWord.FindAllString(strings.TrimPrefix(strings.TrimSpace(line), "$ "), -1)
	for i, word := range found {
		// "sudo -u mfabot mfabot queue" has the name twice; what comes after it is a command of ours.
		if aName.MatchString(word) && (i+1 == len(found) || found[i+1] != "mfabot") {
			return wordsOf(found[i+1:]), true
		}
		if !asWho.MatchString(word) {
			break
		}
	}
	return nil, false
}

// wordsOf takes from the words of a command line what the shell keeps for itself.
func wordsOf(found []string) (words []string) {
	for _, word := range found {
		if strings.HasPrefix(word, "#") || slices.Contains([]string{">", "|", "&&", "&"}, word) {
			break
		}
		words = append(words, strings.Trim(word, `"'`))
	}
	return words
}

// commandsOfPapers are the command lines of the papers. What changed is told in the words of its day.
func commandsOfPapers(t *testing.T) (all []inPaper) {
	t.Helper()
	pages := allPapers(t)
	delete(pages, "CHANGELOG.md")
	for _, paper := range slices.Sorted(maps.Keys(pages)) {
		for _, block := range aFence.FindAllString(pages[paper], -1) {
			for line := range strings.Lines(block) {
				if words, is := commandOf(line); is {
					all = append(all, inPaper{paper, words, true})
				}
			}
		}
		for _, span := range aSpan.FindAllStringSubmatch(aFence.ReplaceAllString(pages[paper], ""), -1) {
			// A form of a command: what may be left out is there, and of several words the first.
			form := regexp.MustCompile(`(\w)(\\\|\w+)+`).ReplaceAllString(span[1], "$1")
			form = strings.NewReplacer("[", "", "]", "", "...", "").Replace(form)
			all = append(all, inPaper{paper, wordsOf(aWord.FindAllString(form, -1)), false})
		}
	}
	return all
}

// TestCommandsOfPapersExist has the real command line read every command of the papers: its name, its flags, and where it is
// to be typed as it stands, or is more than a name, its arguments too.
func TestCommandsOfPapersExist(t *testing.T) {
	said := commandsOfPapers(t)
	for _, s := range said {
		if slices.Equal(s.words, []string{"COMMAND", "--help"}) {
			continue
		}
		if err := wellFormed(newRoot(&app{}), s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if len(said) < 150 {
		t.Errorf("only %d commands were found", len(said))
	}
}

// wellFormed says what is wrong with a command line, as main would.
func wellFormed(root *cobra.Command, s inPaper) error {
	c, rest, err := root.Find(s.words)
	if err != nil {
		return err
	}
	if c == root {
		return errors.New("that is no command")
	}
	if err := flagsExist(c, rest); err != nil || !s.fenced && onlyNamed(rest) {
		return err
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	if help, err := c.Flags().GetBool("help"); err == nil && help {
		return nil
	}
	return c.ValidateArgs(c.Flags().Args())
}

// flagsExist also names the first flag that does not exist where another lacks its value.
func flagsExist(c *cobra.Command, words []string) error {
	c.InitDefaultHelpFlag()
	for _, word := range words {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil {
			return fmt.Errorf("there is no --%s", name)
		}
	}
	return nil
}

// onlyNamed reports whether a command is spoken of, perhaps with a flag, and not given.
func onlyNamed(rest []string) bool {
	return !slices.ContainsFunc(rest, func(word string) bool { return !strings.HasPrefix(word, "--") })
}

// TestCommandsOfPapersRun has every command that is to be typed as it stands in a script that runs it, if need be on a real
// server: the same words, but for references and numbers.
func TestCommandsOfPapersRun(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "script*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	runs := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			_, line, is := strings.Cut(line, "mfabot ")
			if is {
				runs[shape(wordsOf(aWord.FindAllString(line, -1)))] = true
			}
		}
	}
	given := 0
	for _, s := range commandsOfPapers(t) {
		if !s.fenced {
			continue
		}
		given++
		if !runs[shape(s.words)] {
			t.Errorf("%s: no script in testdata/script or script-postgresql runs it", s)
		}
	}
	if given < 20 {
		t.Errorf("only %d commands were found", given)
	}
}

// TestExamplesOfCommands has the real command line read what --help shows of each command.
func TestExamplesOfCommands(t *testing.T) {
	given := 0
	for _, c := range newRoot(&app{}).Commands() {
		example := regexp.MustCompile(`\$\(.*\)`).ReplaceAllString(strings.ReplaceAll(c.Example, "\\\n", " "), "ID")
		for line := range strings.Lines(example) {
			words, is := commandOf(line)
			if !is {
				t.Errorf("an example of %s is no command: %s", c.Name(), line)
				continue
			}
			given++
			s := inPaper{"mfabot " + c.Name() + " --help", words, true}
			if err := wellFormed(newRoot(&app{}), s); err != nil {
				t.Errorf("%s: %v", s, err)
			}
		}
	}
	if given < 40 {
		t.Errorf("only %d examples were found", given)
	}
}

// cmdPaper runs a command as a paper shows it, and compares what it prints with what stands there, but for numbers and times:
//
//	paper FILE mfabot COMMAND ARG...
func cmdPaper(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "paper FILE mfabot COMMAND ARG...")
	text, err := os.ReadFile(filepath.Join(root, args[0]))
	ts.Check(err)
	shown := shownIn(string(text), shape(args[2:]))
	failed := ts.Exec(args[1], args[2:]...) != nil
	var got []string
	for line := range strings.Lines(ts.ReadFile("stdout") + ts.ReadFile("stderr")) {
		got = append(got, inAnyRun(line))
	}
	for _, want := range shown {
		says := slices.ContainsFunc(want, func(l string) bool {
			return strings.HasPrefix(l, "mfabot: ") && !strings.HasPrefix(l, "mfabot: warning: ")
		})
		if slices.Equal(want, got) && says == failed {
			return
		}
	}
	ts.Fatalf("%s shows other of %q (-there +real):\n%s", args[0], args[1:], cmp.Diff(slices.Concat(shown...), got))
}

// shownIn is what a paper shows that a command prints, each time that it shows it.
func shownIn(paper, command string) (all [][]string) {
	for _, block := range aFence.FindAllString(paper, -1) {
		var lines []string
		of := ""
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "$ ") && line != "```" {
				lines = append(lines, inAnyRun(line))
				continue
			}
			if of == command {
				all = append(all, lines)
			}
			words, _ := commandOf(line)
			of, lines = shape(words), nil
		}
	}
	return all
}

// inAnyRun is a line without what is different in each run.
func inAnyRun(line string) string {
	line = strings.TrimSpace(line)
	for _, of := range []struct{ what, as string }{
		{`\d+`, "N"}, {`GMT|BST`, "GMT"}, {`/\S+/(\w+\.(?:toml|csv))`, "$1"}, {`\s+`, " "},
		{`\bN (\w+[^s])s\b`, "N $1"}, // of another number there may be one
	} {
		line = regexp.MustCompile(of.what).ReplaceAllString(line, of.as)
	}
	return line
}

// shape is a command line without what is different in each run, and which configuration it is for.
func shape(words []string) string {
	var out []string
	for i, word := range words {
		switch {
		case word == "--config" || i > 0 && words[i-1] == "--config":
			continue
		case aRef.MatchString(word) || aNumber.MatchString(word):
			word = "ID"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}
