package directory

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mfabot/intake"
)

// failure is an error from a directory that knows whether, and when, a later attempt may succeed.
type failure struct {
	err       error
	temporary bool
	after     time.Duration // 0: not known
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// Temporary reports whether a later attempt may succeed without anybody doing anything.
func (f *failure) Temporary() bool { return f.temporary }

// RetryAfter returns how long the server asks to wait; 0 if it does not say.
func (f *failure) RetryAfter() time.Duration { return f.after }

// passing returns an error that may be gone at the next attempt.
func passing(format string, args ...any) error {
	return &failure{err: fmt.Errorf(format, args...), temporary: true}
}

// lasting returns an error that stays until somebody puts its cause right.
func lasting(format string, args ...any) error {
	return &failure{err: fmt.Errorf(format, args...)}
}

// unreached returns the error for a failed connection to a server. It is lasting only if the server's
// certificate is not trusted.
func unreached(server string, err error) error {
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return lasting("%s: its certificate is not trusted (check the host name, and ca_file if the authority is your own): %w",
			server, err)
	}
	return passing("%s cannot be reached: %w", server, err)
}

// noAccount returns intake.ErrNoAccount with the server and the user it does not know.
func noAccount(server, user string) error {
	return lasting("%s: %s: %w", server, user, intake.ErrNoAccount)
}

// saidMost bounds how many bytes of another program's words an error repeats.
const saidMost = 500

// said makes another program's words fit for an error: one line, no control characters, not too long.
func said(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= saidMost {
		return text
	}
	cut := saidMost
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + " ..."
}

// addresses returns the email addresses among words, canonical and each once.
func addresses(words []string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, w := range words {
		if addr := intake.Canonical(w); intake.IsAddress(addr) && !seen[addr] {
			seen[addr] = true
			out = append(out, addr)
		}
	}
	return out
}

// proxied returns the email addresses in values such as SMTP:sam@example.org. Exchange keeps them beside
// those of other networks (sip:, X500:).
func proxied(values []string) []string {
	var out []string
	for _, v := range values {
		if kind, addr, found := strings.Cut(v, ":"); found && strings.EqualFold(kind, "smtp") {
			out = append(out, addr)
		}
	}
	return out
}
