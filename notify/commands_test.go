package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/parser"
)

// TestNoLineIsACommand: people send our letters back to us, in every form. No
// line of any of them, at the top of a message, decides or withdraws anything.
func TestNoLineIsACommand(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no letters: %v", err)
	}
	p := parser.New(parser.Vocabulary{})
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i := range lines {
			for _, top := range []string{lines[i], strings.Join(lines[i:], "\n")} {
				raw := "From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\nSubject: Re: a letter\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + top
				m, err := p.Parse(strings.NewReader(raw))
				if err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				if m.Decision != nil || m.Withdraw {
					t.Errorf("%s: line %d is read as %v, withdraw %v: %q", file, i+1, m.Decision, m.Withdraw, lines[i])
				}
			}
		}
	}
}
