package bot

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/config"
)

// TestRaise: a program and a webhook get the same line, and what goes wrong with one does not keep it from the other.
func TestRaise(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "page")
	script := "#!/bin/sh\ncat > \"$1\"\n[ -z \"$2\" ] || { echo it is \"$2\"; exit 3; }\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	status := http.StatusNoContent
	var got []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer hook.Close()
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	given := alarm{"mfa@helpdesk.test", "submission", "broken", at, at.Add(15 * time.Minute), "550 5.4.5 <no>"}
	want, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "line")
	to := config.Alarm{Command: []string{program, file}, Webhook: hook.URL + "/secret"}
	if err := raise(t.Context(), to, given); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(file)
	if err != nil || string(line) != string(want)+"\n" {
		t.Errorf("the program got %q, %v", line, err)
	}
	if diff := cmp.Diff([]string{"POST application/json " + string(want) + "\n"}, got); diff != "" {
		t.Errorf("the webhook (-want +got):\n%s", diff)
	}

	to.Command = append(to.Command, "busy")
	for _, status = range []int{http.StatusOK, http.StatusFound, http.StatusInternalServerError} {
		err := raise(t.Context(), to, given)
		if err == nil || !strings.Contains(err.Error(), "it is busy") || strings.Contains(err.Error(), "webhook") != (status >= 300) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if len(got) != 4 {
		t.Errorf("the webhook was called %d times", len(got))
	}
	hook.Close()
	to.Command = nil
	if err := raise(t.Context(), to, given); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a webhook that is gone: %v", err)
	}
	if err := raise(t.Context(), config.Alarm{}, given); err != nil {
		t.Errorf("with nothing configured: %v", err)
	}
}
