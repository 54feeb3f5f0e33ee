package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"mfabot/intake"
)

// virusScanner finds "virus" in files, does not check those with "huge", and is
// out of order where down says so.
type virusScanner struct{ down error }

func (s *virusScanner) Scan(_ context.Context, content func(io.Writer) error) (string, error) {
	var file bytes.Buffer
	if err := content(&file); err != nil {
		return "", err
	}
	switch {
	case s.down != nil:
		return "", s.down
	case strings.Contains(file.String(), "huge"):
		return "", intake.ErrNotScanned
	case strings.Contains(file.String(), "virus"):
		return "Test", nil
	}
	return "", nil
}

// TestScan: only evidence that was checked and found clean counts. While nothing
// can be checked, messages with evidence wait and the others go on.
func TestScan(t *testing.T) {
	t.Parallel()
	scanner := &virusScanner{}
	w := newWorld(t, func(c *intake.Config) { c.Scanner = scanner })
	w.pending()
	for file, why := range map[string]string{"a virus": "it holds a virus (Test)", "huge": "too large to be checked"} {
		w.takeAll(w.arrival(email{from: bright, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf(file)}}))
		l := w.expect("rejected no-evidence > " + bright)
		if got := l[0].Facts.Evidence[0].Why; !strings.Contains(got, why) {
			t.Errorf("%s: %q, want %q", file, got, why)
		}
	}
	scanner.down = errors.New("connection refused")
	waits := w.arrival(email{from: bright, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf("later")}})
	filings, err := w.Take(t.Context(), []intake.Arrival{waits, w.arrival(email{from: "who@else.test", subject: "Hello", text: "Hello"})})
	ok(t, err)
	same(t, "filed while the scanner is down", 1, len(filings))
	w.expect("refused not-registered > who@else.test")
	scanner.down = nil
	same(t, "outcome", "request LT-2026-00004", outcome(w.takeAll(waits)[0]))
}
