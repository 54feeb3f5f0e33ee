package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/parser"
)

// virusScanner finds "virus" in files, does not check those with "huge", and is out of order where down says
// so.
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

// TestLogo: the small picture that a site's mail about somebody else had too is its signature's, and no
// evidence; a picture of one user's own mail is.
func TestLogo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	picture := "\x89PNG\r\n\x1a\n" + strings.Repeat("picture", 3000)
	first := email{from: bright, subject: "MFA", text: form(kim, "accessibility"), files: []string{picture}}
	w.take("request LT-2026-00001", first)
	w.inState("LT-2026-00001", intake.Pending)
	again := first
	again.text += "\nSent again."
	w.take("information LT-2026-00001", again) // it counts still, and is nothing new
	other := first
	other.text = form("may@bright.test", "accessibility")
	w.take("request LT-2026-00002", other)
	r := w.inState("LT-2026-00002", intake.Rejected)
	if why := r.Evidence[0].Why; !strings.Contains(why, "as that of a signature does") {
		t.Errorf("why: %q", why)
	}
}

// TestRestrict: the policy says which files count, by their content and size.
func TestRestrict(t *testing.T) {
	t.Parallel()
	p, err := intake.DefaultPolicy()
	ok(t, err)
	p.EvidenceTypes, p.MaxEvidence = []string{"image/*", "application/pdf"}, 1<<20
	m := &parser.Message{Evidence: []parser.Attachment{
		{MediaType: "application/pdf", Size: 1 << 20, Counts: true},
		{MediaType: "image/png", Counts: true}, {MediaType: "text/plain", Counts: true},
		{MediaType: "application/pdf", Size: 1<<20 + 1, Counts: true}, {MediaType: "application/pdf", Why: "empty"}}}
	p.Restrict(m)
	for i, want := range []bool{true, true, false, false, false} {
		if a := m.Evidence[i]; a.Counts != want || a.Counts == (a.Why != "") {
			t.Errorf("file %d: counts %v, want %v; why %q", i, a.Counts, want, a.Why)
		}
	}
}

// TestScan: only evidence that was checked and found clean counts. While nothing can be checked, messages
// with evidence wait and the others go on.
func TestScan(t *testing.T) {
	t.Parallel()
	scanner := &virusScanner{}
	w := newWorld(t, func(c *config) { c.scanner = scanner })
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
	filings, err := w.Take(t.Context(), []intake.Arrival{waits,
		w.arrival(email{from: "who@else.test", subject: "Hello", text: "Hello"})})
	ok(t, err)
	same(t, "filed while the scanner is down", 1, len(filings))
	w.expect("refused not-registered > who@else.test", "alert held > "+ops)
	scanner.down = nil
	same(t, "outcome", "request LT-2026-00004", outcome(w.takeAll(waits)[0]))
}

// TestScanVouched: the files of somebody who is vouched for are checked as well.
func TestScanVouched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.scanner = &virusScanner{} })
	w.judge.unproven[bright] = true
	id := w.take("quarantined(unauthenticated)",
		email{from: bright, subject: "MFA", text: form(kim, "accessibility"), files: []string{pdf("a virus")}}).ID
	w.sent()
	must(w.Requeue(t.Context(), id, inbound.Again{By: "Jo Hill", Vouches: true}))(t)
	w.expect("rejected no-evidence > " + bright)
}
