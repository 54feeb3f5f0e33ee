package notify_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mfabot/parser"
)

// starts matches where a line of text begins, or what a page shows as one.
var starts = regexp.MustCompile(`(?m)^|<t[dh]`)

// TestNoLineIsACommand: people send our letters back to us in every form. No line of any letter decides or
// withdraws anything when it comes at the top of a message; nor, in text, when everything after it follows
// too.
func TestNoLineIsACommand(t *testing.T) {
	p := parser.New(parser.Vocabulary{})
	check := func(t *testing.T, mediaType, top string) {
		t.Helper()
		raw := "From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\nSubject: Re: a letter\r\n" +
			"Content-Type: " + mediaType + "; charset=utf-8\r\n\r\n" + top
		m, err := p.Parse(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if m.Decision != nil || m.Withdraw {
			t.Errorf("read as %v, withdraw %v: %.200q", m.Decision, m.Withdraw, top)
		}
	}
	for _, kind := range []struct{ ext, mediaType string }{{".txt", "text/plain"}, {".html", "text/html"}} {
		files, err := filepath.Glob("testdata/golden/*" + kind.ext)
		if err != nil || len(files) == 0 {
			t.Fatalf("no letters: %v", err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				letter := string(source[max(bytes.Index(source, []byte("<body")), 0):])
				for _, at := range starts.FindAllStringIndex(letter, -1) {
					rest := letter[at[0]:]
					line, _, _ := strings.Cut(rest, "\n")
					check(t, kind.mediaType, line)
					if kind.ext == ".txt" {
						check(t, kind.mediaType, rest)
					}
				}
			})
		}
	}
}
