package main

import (
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// TestReportedDays: a report is of last month by the clocks of the policy's zone, unless somebody says which days.
func TestReportedDays(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ now, first, last, want string }{
		"in a month":            {"2026-11-30T15:00:00Z", "", "", "2026-10-01T00:00:00+01:00 2026-11-01T00:00:00Z"},
		"at New Year":           {"2027-01-01T00:30:00Z", "", "", "2026-12-01T00:00:00Z 2027-01-01T00:00:00Z"},
		"already April there":   {"2026-03-31T23:30:00Z", "", "", "2026-03-01T00:00:00Z 2026-04-01T00:00:00+01:00"},
		"on a 31st":             {"2026-03-31T12:00:00Z", "", "", "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"},
		"until today":           {"2026-11-30T15:00:00Z", "2026-11-02", "", "2026-11-02T00:00:00Z 2026-12-01T00:00:00Z"},
		"one day of 25 hours":   {"2026-11-30T15:00:00Z", "2026-10-25", "2026-10-25", "2026-10-25T00:00:00+01:00 2026-10-26T00:00:00Z"},
		"days that are to come": {"2026-11-30T15:00:00Z", "2026-11-02", "2027-01-01", "2026-11-02T00:00:00Z 2027-01-02T00:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		s := &config.Settings{Policy: &intake.Policy{Zone: london}, ClockOffset: time.Until(now)}
		p, err := reported(s, c.first, c.last)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.From.Format(time.RFC3339) + " " + p.To.Format(time.RFC3339); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
