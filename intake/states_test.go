package intake_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestStates prints what every event does in every state, so that a changed rule is a changed line.
func TestStates(t *testing.T) {
	states := []intake.State{intake.Received, intake.Incomplete, intake.Pending, intake.NeedsInfo,
		intake.Approved, intake.Rejected, intake.Withdrawn, intake.Lapsed}
	events := []intake.Event{intake.EventComplete, intake.EventUnclear, intake.EventNoEvidence, intake.EventResubmit,
		intake.EventAddMore, intake.EventCorrect, intake.EventApproval,
		intake.EventApprove, intake.EventReject, intake.EventAsk, intake.EventAnswer, intake.EventWithdraw, intake.EventClose,
		intake.EventLapse}
	var got strings.Builder
	for _, from := range states {
		for _, on := range events {
			to, err := intake.Next(from, on)
			switch {
			case err == nil:
				fmt.Fprintf(&got, "%-11s %-12s %s\n", from, on, to)
			case errors.Is(err, intake.ErrNotNow):
				fmt.Fprintf(&got, "%-11s %-12s -\n", from, on)
			default:
				t.Fatal(err)
			}
		}
	}
	const golden = "testdata/states.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the rules changed (-want +got):\n%s", diff)
	}
}

// TestStatesTable keeps the table itself free of contradictions.
func TestStatesTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, tr := range intake.Transitions() {
		key := string(tr.From) + " " + string(tr.On)
		if seen[key] {
			t.Errorf("two rows for %s", key)
		}
		seen[key] = true
	}
}
