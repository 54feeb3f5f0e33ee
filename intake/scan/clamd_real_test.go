//go:build real

package scan_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/scan"
)

// eicar is the test file that every scanner finds, in two halves, so that no scanner finds it here.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// startClamd runs clamd from a folder of its own with one signature, and returns its address.
func startClamd(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "clamd") // short: the names of sockets must be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "ctl")
	conf := fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nForeground yes\nStreamMaxLength 1M\n"+
		"User root\nLogFile %s/log\n", socket, dir, dir)
	signature := fmt.Sprintf("Test-Eicar:0:*:%x\n", eicar)
	for name, content := range map[string]string{"clamd.conf": conf, "test.ndb": signature} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("clamd", "-c", filepath.Join(dir, "clamd.conf"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	c, err := scan.New("unix:" + socket)
	if err != nil {
		t.Fatal(err)
	}
	ready, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if _, err = c.Scan(ready, write("nothing")); err == nil {
			return "unix:" + socket
		}
		select {
		case <-tick.C:
		case <-ready.Done():
			t.Fatalf("clamd did not start: %v\n%s", err, out.String())
		}
	}
}

func write(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

func TestRealClamd(t *testing.T) {
	c, err := scan.New(startClamd(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if virus, err := c.Scan(ctx, write("%PDF-1.4 a letter")); virus != "" || err != nil {
		t.Errorf("a clean file: %q, %v", virus, err)
	}
	if virus, err := c.Scan(ctx, write("")); virus != "" || err != nil {
		t.Errorf("an empty file: %q, %v", virus, err)
	}
	if virus, err := c.Scan(ctx, write(eicar)); virus != "Test-Eicar.UNOFFICIAL" || err != nil {
		t.Errorf("the test virus: %q, %v", virus, err)
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // 2 MB
	if _, err := c.Scan(ctx, write(string(big))); !errors.Is(err, intake.ErrNotScanned) {
		t.Errorf("a file over the limit: %v, want ErrNotScanned", err)
	}
	broken := errors.New("broken")
	if _, err := c.Scan(ctx, func(io.Writer) error { return broken }); err == nil {
		t.Error("a file that cannot be read passed")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Scan(gone, write("a letter")); err == nil {
		t.Error("a scan that was called off passed")
	}
	down, err := scan.New("unix:/nonexistent/clamd.ctl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := down.Scan(ctx, write("a letter")); err == nil {
		t.Error("a file passed although clamd is down")
	}
}
