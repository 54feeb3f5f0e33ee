package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/page"
)

const token = "0123456789abcdef0123456789abcdef"

// theToken is a token in a file, as the configuration has it.
func theToken() (string, error) { return token, nil }

// TestGuard: who sees the page, by what is configured and what they bring.
func TestGuard(t *testing.T) {
	t.Parallel()
	here := page.Guard{Loopback: true}
	open := page.Guard{}
	withToken := page.Guard{Token: theToken}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("::1/128")}
	withProxy := page.Guard{Loopback: true, UserHeader: "X-Remote-User", Proxies: proxies}
	both := page.Guard{Token: theToken, UserHeader: "X-Remote-User", Proxies: proxies}
	noToken := page.Guard{Token: func() (string, error) { return "", errors.New("no such file") }}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	auth := func(values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Authorization"] = values }
	}
	user := func(from string, names ...string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr, r.Header["X-Remote-User"] = from, names }
	}
	by := func(field, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(field, value) }
	}
	for name, c := range map[string]struct {
		guard page.Guard
		ask   func(*http.Request)
		want  int
		says  string
	}{
		"this machine":                {here, nil, 200, ""},
		"by its name":                 {here, host("LocalHost:8025"), 200, ""},
		"without a port":              {here, host("localhost"), 200, ""},
		"by IPv6":                     {here, host("[::1]:8025"), 200, ""},
		"by IPv6 without a port":      {here, host("[::1]"), 200, ""},
		"a name that leads here":      {here, host("evil.test:8025"), 403, "only for this machine"},
		"a name like an address":      {here, host("127.0.0.1.evil.test"), 403, "only for this machine"},
		"a name that ends like ours":  {here, host("notlocalhost"), 403, "only for this machine"},
		"no name":                     {here, host(""), 403, "only for this machine"},
		"through a proxy here":        {here, by("X-Forwarded-For", "203.0.113.9"), 403, "not through a proxy"},
		"that says it by RFC 7239":    {here, by("Forwarded", "for=203.0.113.9"), 403, "not through a proxy"},
		"that says its host":          {here, by("X-Forwarded-Host", "status.test"), 403, "not through a proxy"},
		"that says it like nginx":     {here, by("X-Real-IP", "203.0.113.9"), 403, "not through a proxy"},
		"that says only its name":     {here, by("Via", "1.1 gateway"), 403, "not through a proxy"},
		"that says nothing in it":     {here, by("X-Forwarded-For", ""), 403, "not through a proxy"},
		"the token, through a proxy":  {withToken, func(r *http.Request) { by("Via", "1.1 gateway")(r); auth("Bearer " + token)(r) }, 200, ""},
		"from outside":                {open, nil, 403, "Other machines reach this page"},
		"the token":                   {withToken, auth("Bearer " + token), 200, ""},
		"the scheme in another case":  {withToken, auth("bearer " + token), 200, ""},
		"the token, by any name":      {withToken, func(r *http.Request) { r.Host = "status.test"; auth("Bearer " + token)(r) }, 200, ""},
		"no token":                    {withToken, nil, 401, "needs the token"},
		"another token":               {withToken, auth("Bearer " + strings.ToUpper(token)), 401, "needs the token"},
		"part of the token":           {withToken, auth("Bearer " + token[:31]), 401, "needs the token"},
		"an empty token":              {withToken, auth("Bearer "), 401, "needs the token"},
		"the token and more":          {withToken, auth("Bearer " + token + " "), 401, "needs the token"},
		"two tokens":                  {withToken, auth("Bearer "+token, "Bearer wrong"), 401, "needs the token"},
		"the token as a password":     {withToken, auth("Basic " + base64.StdEncoding.EncodeToString([]byte(":"+token))), 401, "needs the token"},
		"the token in the URL":        {withToken, func(r *http.Request) { r.URL.RawQuery = "token=" + token + "&access_token=" + token }, 401, "needs the token"},
		"a token that is not there":   {noToken, auth("Bearer "), 401, "needs the token"},
		"a user without a proxy":      {withToken, user("10.0.0.7:50000", "asha"), 401, "needs the token"},
		"a user of the proxy":         {withProxy, user("10.0.0.7:50000", "asha"), 200, ""},
		"by IPv6 from IPv4":           {withProxy, user("[::ffff:10.0.0.7]:50000", "asha"), 200, ""},
		"from the proxy on ::1":       {withProxy, user("[::1]:50000", "asha"), 200, ""},
		"nobody at the proxy":         {withProxy, user("10.0.0.7:50000"), 403, "only for users of the proxy"},
		"an empty user":               {withProxy, user("10.0.0.7:50000", " "), 403, "only for users of the proxy"},
		"two users":                   {withProxy, user("10.0.0.7:50000", "asha", "eve"), 403, "only for users of the proxy"},
		"a user from elsewhere":       {withProxy, user("10.0.1.7:50000", "asha"), 403, "only for users of the proxy"},
		"from this machine":           {withProxy, user("127.0.0.1:50000", "asha"), 403, "only for users of the proxy"},
		"from nowhere":                {withProxy, user("@", "asha"), 403, "only for users of the proxy"},
		"either: the token":           {both, auth("Bearer " + token), 200, ""},
		"either: a user of the proxy": {both, user("10.0.0.7:50000", "asha"), 200, ""},
		"neither":                     {both, user("10.0.9.7:50000", "asha"), 401, "needs the token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSetup(t)
			s.Guard = c.guard
			r := ask(t, s.handler(), c.ask)
			body := r.Body.String()
			if r.Code != c.want || !strings.Contains(body, c.says) || strings.Contains(body, "<h1>") != (c.want == 200) {
				t.Errorf("%d, want %d: %.300s", r.Code, c.want, body)
			}
			if asks := r.Header().Get("WWW-Authenticate") != ""; asks != (c.want == 401) {
				t.Errorf("whether it asks for a token: %v", asks)
			}
			if strings.Contains(body, token) {
				t.Error("the answer has the token")
			}
			strict(t, r)
		})
	}
}

// strict checks the headers that every answer has.
func strict(t *testing.T, r *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := r.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := r.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("Content-Security-Policy %q lacks %s", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("Content-Security-Policy: %q", csp)
	}
	if r.Header().Get("Set-Cookie") != "" {
		t.Error("there are cookies")
	}
}

// TestTokenChanges: a changed token holds at once, and the one before no longer.
func TestTokenChanges(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	file := filepath.Join(t.TempDir(), "token")
	s.Guard = page.Guard{Token: func() (string, error) {
		text, err := os.ReadFile(file)
		return string(text), err
	}}
	h := s.handler()
	for _, now := range []string{token, "fedcba9876543210fedcba9876543210"} {
		done(t, os.WriteFile(file, []byte(now), 0o600))
		for _, given := range []string{token, now} {
			r := ask(t, h, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+given) })
			if (r.Code == http.StatusOK) != (given == now) {
				t.Errorf("%s with %s: %d", now, given, r.Code)
			}
		}
	}
}

// TestMethods: the page is read, and nothing else.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.fill()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
		http.MethodTrace} {
		r := ask(t, s.handler(), func(r *http.Request) { r.Method = method })
		if r.Code != http.StatusMethodNotAllowed || r.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, r.Code, r.Header().Get("Allow"))
		}
		strict(t, r)
	}
	get := ask(t, s.handler(), nil)
	head := ask(t, s.handler(), func(r *http.Request) { r.Method = http.MethodHead })
	if diff := cmp.Diff(get.Header(), head.Header()); diff != "" || get.Code != http.StatusOK || head.Code != http.StatusOK {
		t.Errorf("HEAD: %d, headers (-GET +HEAD):\n%s", head.Code, diff)
	}
}

// TestStyle: the one style that a browser may apply is the one of the page.
func TestStyle(t *testing.T) {
	t.Parallel()
	r := ask(t, newSetup(t).handler(), nil)
	_, after, _ := strings.Cut(r.Body.String(), "<style>")
	style, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if csp := r.Header().Get("Content-Security-Policy"); len(style) < 1000 || !strings.Contains(csp, want) {
		t.Errorf("%d bytes of style, want %s in %s", len(style), want, csp)
	}
}
