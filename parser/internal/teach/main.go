// Command teach makes the tables with which the parser understands requests, from the lessons in the folders of the
// packages that use them. `go generate ./parser` runs it, after a change of lessons or of what is a feature.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/reply"
	"mfabot/parser/internal/request"
	"mfabot/parser/internal/text"
	"mfabot/parser/internal/whom"
)

func main() {
	lessons := map[string]func(dir string) error{"concepts": concepts, "reasons": reasons, "methods": methods, "kinds": kinds,
		"roles": roles}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: teach FOLDER LESSON..., in the folder of the parser's internal packages")
		os.Exit(2)
	}
	for _, lesson := range os.Args[2:] {
		teach, known := lessons[lesson]
		if !known {
			fmt.Fprintf(os.Stderr, "teach: there is no lesson %q\n", lesson)
			os.Exit(2)
		}
		if err := teach(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "teach:", err)
			os.Exit(1)
		}
	}
}

// concepts compiles the lexicon. What is taught goes by the one that is compiled in.
func concepts(dir string) error {
	dir = filepath.Join(dir, "meaning")
	source, err := os.ReadFile(filepath.Join(dir, "lessons", "concepts.txt"))
	if err != nil {
		return err
	}
	lexicon, err := meaning.Lexicon(string(source))
	if err != nil {
		return err
	}
	return write(dir, "lexicon.bin", lexicon)
}

// reasons teaches what reasons sound like.
func reasons(dir string) error { return passages(dir, "reasons", meaning.LearnReasons) }

// methods teaches how people say whether a method of authentication is registered.
func methods(dir string) error { return passages(dir, "methods", meaning.LearnMethods) }

func passages(dir, name string, learn func([]meaning.Passage) ([]byte, error)) error {
	dir = filepath.Join(dir, "meaning")
	lessons, err := read[meaning.Passage](dir, name+".jsonl")
	if err != nil {
		return err
	}
	table, err := learn(lessons)
	if err != nil {
		return err
	}
	return write(dir, name+".bin", table)
}

// kinds teaches what letters are at all.
func kinds(dir string) error {
	dir = filepath.Join(dir, "meaning")
	lessons, err := read[meaning.KindLesson](dir, "kinds.jsonl")
	if err != nil {
		return err
	}
	table, err := meaning.LearnKinds(lessons)
	if err != nil {
		return err
	}
	return write(dir, "kinds.bin", table)
}

// roles teaches for whom letters ask, and when that is in doubt.
func roles(dir string) error {
	dir = filepath.Join(dir, "whom")
	letters, err := read[letter](dir, "roles.jsonl")
	if err != nil {
		return err
	}
	var lessons []whom.Lesson
	for _, l := range letters {
		lessons = append(lessons, l.lesson())
	}
	if err := write(dir, "roles.bin", whom.LearnRoles(lessons)); err != nil {
		return err
	}
	return write(dir, "doubts.bin", whom.LearnDoubts(lessons))
}

// letter is a letter of the lessons, and for whom it asks.
type letter struct {
	Site    string   `json:"site"`
	Sender  string   `json:"sender"`
	Cc      []string `json:"cc"`
	Subject string   `json:"subject"`
	Text    string   `json:"t"`
	Asked   []string `json:"asked"`
}

// lesson takes the letter apart as the parser does.
func (l letter) lesson() whom.Lesson {
	var lines []text.Line
	for s := range strings.SplitSeq(l.Text, "\n") {
		lines = append(lines, text.Line{Text: s})
	}
	newest := reply.Author{IsField: request.IsField}.Newest(lines)
	return whom.Lesson{Letter: whom.Letter{From: l.Site, Sender: l.Sender, Cc: l.Cc, Subject: l.Subject,
		Own: text.Texts(newest.Lines), Tail: text.Texts(newest.Tail), Forwarded: newest.Forwarded(l.Subject)}, Asked: l.Asked}
}

func write(dir, name string, data []byte) error {
	return os.WriteFile(filepath.Join(dir, name), data, 0o644) //nolint:gosec // for everybody to read
}

// read reads a file of JSON values, one a line.
func read[T any](dir, name string) (out []T, err error) {
	f, err := os.Open(filepath.Join(dir, "lessons", name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		out = append(out, v)
	}
	return out, lines.Err()
}
