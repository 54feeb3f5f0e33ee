package parser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMachineErrors counts both kinds of error over every message of the corpus: people taken for machines,
// and machines for people. Messages from people in testdata/machine are named so; those in the other folders
// are all from people, apart from the few listed.
func TestMachineErrors(t *testing.T) {
	machines := map[string]bool{}
	files, err := filepath.Glob("testdata/*/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	people, falseAlarms, missed := 0, 0, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(file, "testdata/")
		if strings.HasPrefix(name, "field/m-") || strings.HasPrefix(name, "field/d-react-") { // of which TestField says what they are
			continue
		}
		isMachine := strings.HasPrefix(name, "machine/") && !strings.HasPrefix(name, "machine/person-")
		m := parse(t, string(raw))
		switch {
		case isMachine:
			machines[name] = true
			if !m.Automatic {
				missed++
				t.Errorf("%s is taken for a person's: %q", name, m.AutomaticSigns)
			}
		default:
			people++
			if m.Automatic || m.Bounce {
				falseAlarms++
				t.Errorf("%s is taken for a machine's: %q", name, m.AutomaticSigns)
			}
		}
	}
	t.Logf("%d of %d people taken for machines, %d of %d machines for people", falseAlarms, people, missed, len(machines))
}
