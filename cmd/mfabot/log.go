package main

import (
	"fmt"
	"io"
	"log/slog"

	"mfabot/intake"
)

// newLog returns the log of the program. No review code gets into it, whoever wrote the text that has one: a
// mail server may well repeat the subject of what it refuses.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: withoutCodes}))
}

func withoutCodes(_ []string, a slog.Attr) slog.Attr {
	text := fmt.Sprint(a.Value.Any())
	if masked := intake.MaskCodes(text); masked != text {
		return slog.String(a.Key, masked)
	}
	return a
}
