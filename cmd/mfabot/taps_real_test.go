//go:build real

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealTaps is TestTaps with what Chromium hands to the mail program when a link is tapped on a phone.
func TestRealTaps(t *testing.T) {
	checkTaps(t, func(t *testing.T, pages []string) (out [][]string) {
		t.Helper()
		args := []string{"taps.mjs"}
		for i, page := range pages {
			file := filepath.Join(t.TempDir(), fmt.Sprint(i, ".html"))
			done(t, os.WriteFile(file, []byte(page), 0o600))
			args = append(args, file)
		}
		taps := exec.CommandContext(t.Context(), "node", args...)
		taps.Dir, taps.Stderr = "internal/page/testdata/browser", t.Output()
		said, err := taps.Output()
		done(t, err)
		for line := range strings.Lines(string(said)) {
			var links []string
			done(t, json.Unmarshal([]byte(line), &links))
			out = append(out, links)
		}
		return out
	})
}
