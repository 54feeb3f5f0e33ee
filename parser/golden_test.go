package parser_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/parser"
)

var update = flag.Bool("update", false, "rewrite the expected results under testdata")

// vocabulary is a policy's vocabulary, as the embedded one would give it.
var vocabulary = parser.Vocabulary{Reasons: []parser.Reason{
	{ID: "accessibility", Title: "Accessibility issue", Phrases: []string{"accessibility", "disability", "disabled", "visually impaired", "visual impairment", "blind", "tremor", "dexterity"}},
	{ID: "clinical-risk", Title: "Disproportionate clinical risk", Phrases: []string{"clinical risk", "risk to patients", "patient safety"}},
	{ID: "secure-location", Title: "Persistent work in a secure location", Phrases: []string{"secure location", "secure unit", "secure ward", "prison", "no phones allowed", "phones are not allowed", "phones are not permitted", "mobile phones are prohibited"}},
	{ID: "other", Title: "Other exceptional circumstances", Phrases: []string{"exceptional circumstances"}},
	{ID: "phone-stolen-or-lost", Title: "Phone stolen or lost", ShortTerm: true, Phrases: []string{"phone was stolen", "stolen phone", "stole my phone", "lost my phone", "lost her phone", "lost his phone", "lost phone"}},
	{ID: "phone-misplaced", Title: "Phone misplaced", ShortTerm: true, Phrases: []string{"misplaced my phone", "left my phone at home", "phone at home"}},
	{ID: "no-signal", Title: "Temporarily at a place with no mobile signal or internet", ShortTerm: true, Phrases: []string{"no signal", "no mobile signal", "no reception"}},
	{ID: "notification-trouble", Title: "Issues receiving the Microsoft Azure MFA notification", ShortTerm: true, Phrases: []string{"notification does not arrive", "not receiving the notification", "notifications are not coming through"}},
	{ID: "other", Title: "Other (at the helpdesk's discretion)", ShortTerm: true},
}}

// TestGolden reads every testdata/*/NAME.eml and compares everything read with NAME.json.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	p := parser.New(vocabulary)
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".eml"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := p.Parse(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(m); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, strings.TrimSuffix(file, ".eml")+".json", got.Bytes())
		})
	}
}

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
