package token_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/token"
	"mfabot/cmd/mfabot/internal/token/tokentest"
)

// clock is one that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bench is a source and what it asks.
type bench struct {
	*token.Source
	t     *testing.T
	a     *tokentest.Authority
	clock *clock
	cfg   token.Config
}

func newBench(t *testing.T, change func(*token.Config)) *bench {
	t.Helper()
	a := tokentest.Start()
	t.Cleanup(a.Close)
	b := &bench{t: t, a: a, clock: &clock{at: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}}
	b.cfg = token.Config{Name: "m365", TokenURL: a.TokenURL(), DeviceURL: a.URL + "/tenant/oauth2/v2.0/devicecode",
		ClientID: tokentest.Client, Secret: func() (string, error) { return tokentest.Secret, nil },
		Scopes: []string{"https://outlook.office365.com/.default"}, Clock: b.clock.now}
	if change != nil {
		change(&b.cfg)
	}
	b.Source = token.New(b.cfg)
	return b
}

// signedIn is a bench on which somebody has signed in.
func signedIn(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := newBench(t, func(c *token.Config) {
		c.Secret, c.Scopes = nil, []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"}
		c.File = filepath.Join(dir, "m365.token")
		c.Key = func() ([]byte, error) { return []byte(strings.Repeat("k", 32)), nil }
	})
	if !b.NeedsLogin() {
		t.Error("nobody need sign in")
	}
	var told token.Prompt
	if err := b.Login(t.Context(), func(p token.Prompt) { told = p }); err != nil {
		t.Fatal(err)
	}
	if told.Code != tokentest.Code || told.URL == "" || b.NeedsLogin() {
		t.Errorf("told %+v; needs a login: %v", told, b.NeedsLogin())
	}
	return b
}

// gets asks for a token.
func (b *bench) gets(want string) {
	b.t.Helper()
	got, err := b.Token(b.t.Context())
	if err != nil || got != want {
		b.t.Errorf("%q, %v; want %q", got, err, want)
	}
}

// fails asks for a token in vain.
func (b *bench) fails(temporary bool, words ...string) {
	b.t.Helper()
	got, err := b.Token(b.t.Context())
	var known interface{ Temporary() bool }
	if err == nil || !errors.As(err, &known) || known.Temporary() != temporary {
		b.t.Fatalf("%q, %v; temporary should be %v", got, err, temporary)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			b.t.Errorf("%v\nlacks %q", err, w)
		}
	}
	for _, secret := range []string{tokentest.Secret, "refresh-", "access-", "Trace ID"} {
		if strings.Contains(err.Error(), secret) {
			b.t.Errorf("%v\nhas %q", err, secret)
		}
	}
}

// A token is used until some minutes before its end, and then until its end if there is no other.
func TestAhead(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.gets("access-1")
	b.clock.pass(54 * time.Minute)
	b.gets("access-1")
	b.clock.pass(2 * time.Minute)
	b.gets("access-2")
	b.clock.pass(56 * time.Minute)
	b.a.Trouble(tokentest.Refuses(503, "temporarily_unavailable", "AADSTS90033: A transient error has occurred."))
	b.gets("access-2")
	b.clock.pass(time.Minute)
	b.gets("access-3")

	b.a.Last(60)
	b.Refused("access-3")
	b.gets("access-4")
	b.clock.pass(29 * time.Second)
	b.gets("access-4")
	b.clock.pass(2 * time.Second)
	b.gets("access-5")
}

// A token that is refused is replaced at once, by whichever is the first to say so.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.gets("access-1")
	b.Refused("access-1")
	b.gets("access-2")
	b.Refused("access-1")
	b.gets("access-2")
	if b.a.Asked() != 2 {
		t.Errorf("asked %d times", b.a.Asked())
	}
}

// Many who want a token at once have one of them ask, and whoever gives up waits for nobody.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	asked, go_on := make(chan struct{}), make(chan struct{})
	b.a.Trouble(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-go_on
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "shared", "expires_in": "3599", "token_type": "Bearer"}`))
	})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { b.gets("shared") })
	}
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever gave up: %v", err)
	}
	close(go_on)
	all.Wait()
	if b.a.Asked() != 1 {
		t.Errorf("asked %d times", b.a.Asked())
	}
}

// What passes is told from what lasts. The authority is left alone for a while after either, and for as long as it asks.
func TestFailures(t *testing.T) {
	t.Parallel()
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>Sign in to the guest network</html>"))
		}
	}
	for name, c := range map[string]struct {
		answer    http.HandlerFunc
		temporary bool
		words     string
	}{
		"too many requests": {tokentest.Refuses(429, "invalid_request", "AADSTS90055: throttled"), true, "429 Too Many Requests: invalid_request: AADSTS90055"},
		"broken":            {html(500), true, "answers 500 Internal Server Error"},
		"a gateway":         {html(502), true, "answers 502"},
		"nonsense":          {html(200), true, "gives no access token"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect) // with the secret in it
		}, true, "answers 307"},
		"no such page": {html(404), true, "answers 404"},
		"no token": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"token_type": "Bearer"}`))
		}, true, "missing access_token"},
		"hung up":             {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, "gives no access token"},
		"an error of its own": {tokentest.Refuses(400, "temporarily_unavailable", "AADSTS90033: A transient error has occurred."), true, "AADSTS90033"},
		"echo": {tokentest.Refuses(401, "invalid_client", "you sent "+tokentest.Secret+" and s3cret~of.the%2Bapplication"), false,
			"you sent *** and *** (the application or its secret is wrong"},
		"wrong secret": {tokentest.Refuses(401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1"), false,
			"the client secret is wrong: in Entra, App registrations"},
		"ended secret": {tokentest.Refuses(401, "invalid_client", "AADSTS7000222: The provided client secret keys are expired."), false,
			"the client secret has ended: "},
		"no such tenant": {tokentest.Refuses(400, "invalid_request", "AADSTS90002: Tenant 'x' not found."), false, "directory (tenant) ID"},
		"no consent":     {tokentest.Refuses(400, "invalid_grant", "AADSTS65001: The user or administrator has not consented"), false, "Grant admin consent"},
		"second factor":  {tokentest.Refuses(400, "interaction_required", "AADSTS50076: you must use multi-factor authentication"), false, "a second factor is asked for"},
		"conditional":    {tokentest.Refuses(400, "invalid_grant", "AADSTS53003: blocked by Conditional Access policies"), false, "names the policy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.a.Trouble(c.answer, c.answer)
			b.fails(c.temporary, "[oauth.m365]: 127.0.0.1:", c.words)
			asked := b.a.Asked()
			if b.fails(c.temporary, c.words); b.a.Asked() != asked {
				t.Error("asked again at once")
			}
			for range 2 - asked {
				b.clock.pass(11 * time.Second)
				b.fails(c.temporary, c.words)
			}
			b.clock.pass(11 * time.Second)
			b.gets("access-1")
		})
	}
	t.Run("another application", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, func(c *token.Config) { c.ClientID = "another" })
		b.fails(false, "AADSTS700016", "compare client_id and token_url")
	})
	t.Run("no secret to be had", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, func(c *token.Config) { c.Secret = func() (string, error) { return "", os.ErrNotExist } })
		b.fails(false, "file does not exist")
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, func(c *token.Config) { c.Timeout = 50 * time.Millisecond })
		b.a.Trouble(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // so that the server notices that whoever asked has gone
			<-r.Context().Done()
		})
		b.fails(true, "gives no access token")
		b.clock.pass(11 * time.Second)
		b.gets("access-1")
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.a.Close()
		b.fails(true, "connection refused")
	})
	t.Run("retry after", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		b.a.Trouble(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "120")
			tokentest.Refuses(429, "too_many_requests", "")(w, r)
		})
		b.fails(true, "answers 429")
		b.clock.pass(119 * time.Second)
		b.fails(true, "answers 429")
		b.clock.pass(2 * time.Second)
		b.gets("access-1")
	})
}

// Some authorities take the secret in a header only.
func TestSecretInHeader(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	byHeader := func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != tokentest.Client || secret != url.QueryEscape(tokentest.Secret) {
			tokentest.Refuses(401, "invalid_client", "the header is missing")(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "by-header", "expires_in": 3600}`))
	}
	b.a.Trouble(byHeader, byHeader, byHeader)
	b.gets("by-header")
	b.Refused("by-header")
	b.gets("by-header")
	if b.a.Asked() != 3 {
		t.Errorf("asked %d times", b.a.Asked())
	}
}

// A new secret works without a restart.
func TestNewSecret(t *testing.T) {
	t.Parallel()
	secret := "old"
	b := newBench(t, func(c *token.Config) { c.Secret = func() (string, error) { return secret, nil } })
	b.fails(false, "AADSTS7000215")
	secret = tokentest.Secret
	b.clock.pass(11 * time.Second)
	b.gets("access-1")
}
