package bot

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// packaging is the folder with what is installed beside mfabot.
func packaging(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "..", "..", "packaging"}, parts...)...)
}

// TestAlertsAndDashboardAskForWhatThereIs: each metric that an alert rule, a test of one or the dashboard asks for is scraped, and
// each that is there is asked for.
func TestAlertsAndDashboardAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	w.writes("Hello, what is MFA?")
	w.settles(0, 0)
	_, scraped := w.asks("/metrics")
	there := map[string]bool{"mfabot_expiry_timestamp_seconds": true} // of connections with TLS
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (mfabot_\w+) (\w+)$`).FindAllStringSubmatch(scraped, -1) {
		name := found[1]
		if found[2] == "histogram" {
			name += "_bucket"
		}
		there[name] = false
	}
	delete(there, "mfabot_loop_step_duration_seconds_bucket") // of loops, which run only where the bot does
	for _, file := range []string{packaging("prometheus", "mfabot.rules.yml"), packaging("prometheus", "mfabot.rules.test.yml"),
		packaging("grafana", "mfabot.json")} {
		text, err := os.ReadFile(file)
		done(t, err)
		for _, name := range regexp.MustCompile(`\bmfabot_\w+`).FindAllString(string(text), -1) {
			if _, is := there[name]; !is && name != "mfabot_loop_step_duration_seconds_bucket" {
				t.Errorf("%s asks for %s, which there is not", file, name)
			}
			there[name] = true
		}
	}
	unasked := []string{"mfabot_mailbox_left_messages", "mfabot_submission_broken_seconds", "mfabot_operator_broken_seconds",
		"mfabot_inbound_oldest_unfiled_timestamp_seconds", "mfabot_stuck_oldest_timestamp_seconds", "mfabot_ends_oldest_overdue_timestamp_seconds"}
	for name, asked := range there {
		if asked == slices.Contains(unasked, name) {
			t.Errorf("%s is asked for: %v", name, asked)
		}
	}
}

// TestDashboard: it can be read, its panels have names of their own and lie beside each other.
func TestDashboard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(packaging("grafana", "mfabot.json"))
	done(t, err)
	var dashboard struct {
		UID    string
		Panels []struct {
			ID          int
			Title, Type string
			GridPos     struct{ X, Y, W, H int }
			Targets     []struct{ Expr, RefID string }
		}
	}
	done(t, json.Unmarshal(text, &dashboard))
	taken := make(map[[2]int]string)
	for _, p := range dashboard.Panels {
		if p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d: %+v", p.ID, p)
		}
		for _, target := range p.Targets {
			if !strings.Contains(target.Expr, `{job="$job"}`) {
				t.Errorf("%s asks every job: %s", p.Title, target.Expr)
			}
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other := taken[at]; other != "" || at[0] >= 24 {
					t.Errorf("%s lies on %q at %v", p.Title, other, at)
				}
				taken[at] = p.Title
			}
		}
	}
	if len(dashboard.Panels) < 15 {
		t.Errorf("there are %d panels", len(dashboard.Panels))
	}
}
