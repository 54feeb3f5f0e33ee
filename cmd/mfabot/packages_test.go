package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is the package map: which of our packages each may import. cmd
// knows everybody, and siblings do not know each other.
var mayImport = map[string][]string{
	"mfabot/parser":                     {},
	"mfabot/templates":                  {},
	"mfabot/intake":                     {"mfabot/parser"},
	"mfabot/intake/mailbox":             {"mfabot/intake"},
	"mfabot/intake/senderauth":          {"mfabot/intake", "mfabot/parser"},
	"mfabot/intake/scan":                {"mfabot/intake"},
	"mfabot/intake/directory":           {"mfabot/intake"},
	"mfabot/intake/directory/slapdtest": {},
	"mfabot/notify":                     {"mfabot/intake", "mfabot/templates"},
	"mfabot/store":                      {"mfabot/intake"},
	"mfabot/cmd/mfabot/internal/config": {"mfabot/intake", "mfabot/intake/directory", "mfabot/intake/mailbox", "mfabot/intake/scan",
		"mfabot/intake/senderauth", "mfabot/notify", "mfabot/store"},
	"mfabot/cmd/mfabot/internal/bot": {"mfabot/cmd/mfabot/internal/config", "mfabot/intake", "mfabot/intake/mailbox",
		"mfabot/intake/senderauth", "mfabot/notify", "mfabot/parser", "mfabot/store", "mfabot/templates"},
	"mfabot/cmd/mfabot/internal/demo": {"mfabot/cmd/mfabot/internal/bot", "mfabot/cmd/mfabot/internal/config", "mfabot/cmd/mfabot/internal/post",
		"mfabot/intake", "mfabot/intake/mailbox", "mfabot/intake/senderauth", "mfabot/notify"},
	"mfabot/cmd/mfabot/internal/post": {},
	"mfabot/cmd/mfabot/internal/sim":  {"mfabot/intake"},
}

func TestPackagesImportOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "mfabot/...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		names := strings.Fields(line)
		pkg, imports := names[0], names[1:]
		seen++
		allowed, known := mayImport[pkg]
		if pkg == "mfabot/cmd/mfabot" {
			continue
		}
		if !known {
			t.Errorf("%s is not in the package map", pkg)
		}
		for _, imp := range imports {
			if strings.HasPrefix(imp, "mfabot/") && !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s", pkg, imp)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d packages were looked at", seen)
	}
}
