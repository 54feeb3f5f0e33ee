package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/intake"
)

// newLog returns the log of a command, for who typed it. No review code gets into it, whoever wrote the text that has one: a
// mail server may well repeat the subject of what it refuses.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: withoutCodes}))
}

// newRunLog returns the log of run: as text on a terminal, and else as JSON, one object a line, for programs. Where the settings
// ask for it no address gets into it, but what tells one from another.
func newRunLog(w io.Writer, s *config.Settings) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: withoutCodes}
	if s.Log.HashAddresses {
		hide := hashing{keyFile: s.KeyFile()}
		options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr { return hide.attr(withoutCodes(groups, a)) }
	}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(progress.Over(w), options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// isTerminal reports whether a person reads what is written to w, or writes what is read from it.
func isTerminal(w any) bool {
	f, is := w.(*os.File)
	return is && term.IsTerminal(int(f.Fd()))
}

func withoutCodes(_ []string, a slog.Attr) slog.Attr {
	return replaced(a, intake.MaskCodes)
}

// replaced is an attribute with another text, if that changes it. A duration is one as people read it, in JSON too.
func replaced(a slog.Attr, change func(string) string) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		return a
	case slog.KindDuration:
		return slog.String(a.Key, a.Value.Duration().String())
	default:
	}
	text := fmt.Sprint(a.Value.Any())
	if changed := change(text); changed != text {
		return slog.String(a.Key, changed)
	}
	return a
}

// hashing writes addresses so that it can be seen which are the same, and by nobody without the key beside the database whose
// they are: who has a list of addresses could try them all.
type hashing struct {
	keyFile string
}

// addressLike matches what may be an address, without what may follow it in a text. Some, as a Message-ID, are none.
var addressLike = regexp.MustCompile(`[^\s<>()\[\]",;:\\/=@]+@[^\s<>()\[\]",;:\\/=@]*[^\s<>()\[\]",;:\\/=@.]`)

func (h hashing) attr(a slog.Attr) slog.Attr { return replaced(a, h.text) }

// text is a text without addresses. Before the first start has made the key they are left out.
func (h hashing) text(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	key, err := config.ReadKey(h.keyFile)
	return addressLike.ReplaceAllStringFunc(text, func(address string) string {
		if err != nil {
			return "address"
		}
		mac := hmac.New(sha256.New, key.Secret)
		mac.Write([]byte("address in the log: " + intake.Canonical(address)))
		return "address-" + hex.EncodeToString(mac.Sum(nil)[:6])
	})
}

// hashedError is an error that is printed without addresses.
type hashedError struct {
	error
	text string
}

func (e hashedError) Error() string { return e.text }
func (e hashedError) Unwrap() error { return e.error }

// ended logs that run ends, and returns its error as it may be printed.
func ended(log *slog.Logger, s *config.Settings, begun time.Time, err error) error {
	ran := time.Since(begun).Round(time.Second)
	if err == nil {
		log.Info("stopped", "ran", ran)
		return nil
	}
	log.Error("stopped", "ran", ran, "err", err)
	if s.Log.HashAddresses {
		return hashedError{err, hashing{keyFile: s.KeyFile()}.text(err.Error())}
	}
	return err
}
