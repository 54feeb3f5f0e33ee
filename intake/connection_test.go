package intake_test

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestGreetingDate: a greeting gives the time if there is exactly one date in it.
func TestGreetingDate(t *testing.T) {
	const at = "2026-11-30T06:00:00Z"
	for greeting, want := range map[string]string{
		"220 mx.example ESMTP; Mon, 30 Nov 2026 06:00:00 +0000":                                                   at,
		"220 mx.example ESMTP Sendmail 8.17.1/8.17.1; Mon, 30 Nov 2026 06:00:00 GMT":                              at,
		"220 mx.example Microsoft ESMTP MAIL Service ready at Mon, 30 Nov 2026 07:00:00 +0100 [08DE2E]":           at,
		"220-mx.example ESMTP Exim 4.96 #2 Mon, 30 Nov 2026 06:00:00 +0000 \r\n220-No bulk mail\r\n220 here.\r\n": at,
		"The Microsoft Exchange IMAP4 service is ready at 30 Nov 2026 06:00 UT.":                                  at,
		"ready; Mon, 30 Nov 2026 06:00:00 +0000 (30 Nov 2026 06:00:00 +0000)":                                     at,
		"built 1 Jan 2024 00:00:00 +0000; Mon, 30 Nov 2026 06:00:00 +0000":                                        "",
		"ready at Mon, 31 Nov 2026 06:00:00 +0000":                                                                "",
		"ready at Mon, 30 Nov 2026 06:00:00":                                                                      "",
		"Dovecot ready.":                                                                                          "",
		strings.Repeat("-", 2000) + " 30 Nov 2026 06:00:00 +0000":                                                 "",
	} {
		got, ok := intake.GreetingDate(greeting)
		if text := got.Format(time.RFC3339); ok != (want != "") || ok && text != want {
			t.Errorf("%.80q: %s, %v, want %q", greeting, text, ok, want)
		}
	}
}
