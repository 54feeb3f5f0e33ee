package token

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	"mfabot/intake/hint"
)

// failure is why there is no token. It knows whether, and when, a later attempt may succeed.
type failure struct {
	err       error
	temporary bool
	after     time.Duration // that the authority asks for; 0 if it does not
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// Temporary reports whether a later attempt may succeed without anybody doing anything.
func (f *failure) Temporary() bool { return f.temporary }

// RetryAfter returns how long the authority asks to be left alone; 0 if it does not.
func (f *failure) RetryAfter() time.Duration { return f.after }

// isTemporary reports whether an error may pass by itself.
func isTemporary(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.temporary
}

// retryAfter is how long the authority asks to be left alone.
func retryAfter(err error) time.Duration {
	var f *failure
	if !errors.As(err, &f) {
		return 0
	}
	return f.after
}

// passing are the authority's own words for what passes (RFC 6749, section 4.1.2.1).
var passing = []string{"temporarily_unavailable", "server_error"}

// prefixed says which table an error is of.
func (s *Source) prefixed(err error) error { return fmt.Errorf("[oauth.%s]: %w", s.cfg.Name, err) }

// explain puts into words why the authority gave no token, without any of the secrets that were sent to it. Only what it
// says in the form of the protocol lasts: a server that is down, busy or silent passes, and so does the page of something
// that stands before it. A nil error stays nil.
func (s *Source) explain(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	host := s.cfg.TokenURL
	if u, wrong := url.Parse(host); wrong == nil {
		host = u.Host
	}
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) || r.Response == nil {
		return &failure{temporary: true, err: s.prefixed(fmt.Errorf("%s gives no access token: %s", host, hidden(err.Error(), secrets)))}
	}
	status := r.Response.StatusCode
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	if r.ErrorCode != "" {
		said, _, _ := strings.Cut(r.ErrorDescription, "Trace ID:")
		text = hint.After(hint.Entra, hidden(strings.TrimSuffix(text+": "+r.ErrorCode+": "+said, ": "), secrets))
	}
	busy := status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= http.StatusInternalServerError
	return &failure{temporary: busy || r.ErrorCode == "" || slices.Contains(passing, r.ErrorCode),
		after: s.wait(r.Response.Header.Get("Retry-After")), err: s.prefixed(fmt.Errorf("%s answers %s", host, text))}
}

// wait reads a Retry-After (RFC 9110, section 10.2.3); 0 if there is none.
func (s *Source) wait(value string) time.Duration {
	var d time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		d = time.Duration(seconds) * time.Second //nolint:gosec // 31 bits
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(s.cfg.Clock())
	}
	return min(max(d, 0), longestRest)
}

// maxSaid bounds how much of another program's words an error repeats, in runes.
const maxSaid = 250

// hidden puts another program's words into one line, without the secrets, in whichever form they were sent.
func hidden(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.NewReplacer(secret, "***", url.QueryEscape(secret), "***").Replace(text)
		}
	}
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxSaid {
		return string(runes[:maxSaid]) + " ..."
	}
	return string(runes)
}
