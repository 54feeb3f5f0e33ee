package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
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
