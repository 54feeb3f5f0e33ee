package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// TestLogWithoutCodes: no code gets into the log, in whatever it is.
func TestLogWithoutCodes(t *testing.T) {
	const code = "mfa-abcdefghijklmnopqrstuvwxyz234567"
	var out bytes.Buffer
	log := newLog(&out).With("with", code)
	log.Error("refused "+code, "text", "[LT-2026-00001] ["+code+"]", "err", fmt.Errorf("554 %w", errors.New(strings.ToUpper(code))),
		"list", []string{"a", code}, "number", 7)
	got := strings.ToLower(out.String())
	if strings.Contains(got, code) || strings.Count(got, "mfa-…") != 5 || !strings.Contains(got, "number=7") ||
		!strings.Contains(got, "[lt-2026-00001]") {
		t.Errorf("the log is %s", got)
	}
}

// TestNoTerminal: a device that nobody sits at is none, nor is one that another root has under the name of os.DevNull.
func TestNoTerminal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{os.DevNull, "/dev/zero"} {
		f, err := os.Open(name)
		done(t, err)
		if isTerminal(f) {
			t.Errorf("%s is taken for a terminal", name)
		}
		done(t, f.Close())
	}
}

// TestLogOfRun: it is JSON where no person reads it, has durations as people do, and no address if that is asked for.
func TestLogOfRun(t *testing.T) {
	t.Parallel()
	const address = "Sam.O'Neil+mfa@pharmacy.test"
	key := filepath.Join(t.TempDir(), "mfabot.db")
	s := &config.Settings{Database: key}
	lines := func() []string {
		var out bytes.Buffer
		log := newRunLog(&out, s)
		log.Info("sent", "to", address, "after", 90*time.Second)
		log.Warn("refused", "err", fmt.Errorf("rcpt <%s>: no mailbox %s.", strings.ToLower(address), strings.ToLower(address)))
		return strings.Split(out.String(), "\n")
	}
	var line struct{ Msg, To, After, Err string }
	done(t, json.Unmarshal([]byte(lines()[0]), &line))
	if line.Msg != "sent" || line.To != address || line.After != "1m30s" {
		t.Errorf("it is %+v", line)
	}
	s.Log.HashAddresses = true
	done(t, json.Unmarshal([]byte(lines()[0]), &line))
	if line.To != "address" {
		t.Errorf("without a key it is %q", line.To)
	}
	done(t, os.WriteFile(s.KeyFile(), []byte(strings.Repeat("5e", intake.KeySize)), 0o600))
	done(t, json.Unmarshal([]byte(lines()[0]), &line))
	done(t, json.Unmarshal([]byte(lines()[1]), &line))
	if !regexp.MustCompile(`^address-[0-9a-f]{12}$`).MatchString(line.To) ||
		line.Err != "rcpt <"+line.To+">: no mailbox "+line.To+"." {
		t.Errorf("it is %+v", line)
	}
	was := line.To
	done(t, os.WriteFile(s.KeyFile(), []byte(strings.Repeat("5f", intake.KeySize)), 0o600))
	if done(t, json.Unmarshal([]byte(lines()[0]), &line)); line.To == was {
		t.Error("another key makes no difference")
	}
}
