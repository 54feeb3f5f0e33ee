//go:build real

package bot

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealPromtool: Prometheus takes the alert rules, which go off when they should and not when all is well, and what is scraped.
func TestRealPromtool(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	_, scraped := w.asks("/metrics")
	file := filepath.Join(t.TempDir(), "metrics")
	var ours []string // the rest is of the Go library
	for line := range strings.Lines(scraped) {
		if strings.Contains(line, "mfabot_") {
			ours = append(ours, line)
		}
	}
	done(t, os.WriteFile(file, []byte(strings.Join(ours, "")), 0o600))
	metrics, err := os.Open(file)
	done(t, err)
	defer func() { _ = metrics.Close() }()
	for _, args := range [][]string{{"check", "rules", packaging("prometheus", "mfabot.rules.yml")},
		{"test", "rules", packaging("prometheus", "mfabot.rules.test.yml")}, {"check", "metrics"}} {
		c := exec.CommandContext(t.Context(), "promtool", args...)
		c.Stdin = metrics
		if said, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %q: %v\n%s", args, err, said)
		}
	}
}
