package token_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/token"
	"mfabot/cmd/mfabot/internal/token/tokentest"
)

// A sign-in is kept for its owner only, and nobody reads it without the key; another process goes on with it.
func TestKept(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	info, err := os.Stat(b.cfg.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(b.cfg.File)
	if err != nil || bytes.Contains(text, []byte(b.a.SignIn())) {
		t.Errorf("%s, %v", text, err)
	}
	b.gets("access-2")
	again, err := os.ReadFile(b.cfg.File)
	if err != nil || bytes.Equal(text, again) {
		t.Errorf("the sign-in was not replaced: %v", err)
	}
	other := &bench{Source: token.New(b.cfg), t: t, a: b.a, clock: b.clock, cfg: b.cfg}
	other.gets("access-3")
	b.Refused("access-2")
	b.gets("access-4")
	if left, err := filepath.Glob(b.cfg.File + "*"); err != nil || len(left) != 1 {
		t.Errorf("left behind: %q, %v", left, err)
	}

	for name, change := range map[string]func(c *token.Config){
		"another key":         func(c *token.Config) { c.Key = func() ([]byte, error) { return []byte(strings.Repeat("x", 32)), nil } },
		"another authority":   func(c *token.Config) { c.TokenURL += "?tenant=other" },
		"another application": func(c *token.Config) { c.ClientID = "another" },
	} {
		cfg := b.cfg
		change(&cfg)
		(&bench{Source: token.New(cfg), t: t, a: b.a}).fails(false, "is not a sign-in for this table", "run mfabot login m365")
		t.Log(name)
	}
	if err := os.WriteFile(b.cfg.File, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	(&bench{Source: token.New(b.cfg), t: t, a: b.a}).fails(false, "is not a sign-in for this table")
	if err := os.Remove(b.cfg.File); err != nil {
		t.Fatal(err)
	}
	(&bench{Source: token.New(b.cfg), t: t, a: b.a}).fails(false, "nobody has signed in yet", "run mfabot login m365")
}

// Whoever may only open the folder, as anybody on the machine often may, keeps nobody from a token by locking it.
func TestLockedFolder(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.cfg.Like = b.cfg.File + ".key"
	if err := os.WriteFile(b.cfg.Like, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.Source = token.New(b.cfg)
	folder, err := os.Open(filepath.Dir(b.cfg.File))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(10*time.Second, func() { _ = folder.Close() }).Stop() // that it ends if it waits all the same
	b.gets("access-2")
	if err := folder.Close(); err != nil {
		t.Error("it waited for the lock on the folder")
	}
}

// The new sign-in is on the disk before the access token that came with it is used. One that cannot be written is used all the same,
// and written as soon as it can be, unless somebody has signed in meanwhile.
func TestRotation(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	before := b.a.SignIn()
	full := b.cfg.Key
	noSpace := errors.New("no space left on device")
	broken := false
	b.cfg.Key = func() ([]byte, error) {
		if broken && b.a.SignIn() != before { // writing fails, and reading does not
			return nil, noSpace
		}
		return full()
	}
	b.Source = token.New(b.cfg)
	broken = true
	b.gets("access-2")
	since, why := b.Trouble()
	if !since.Equal(b.clock.now()) || !errors.Is(why, noSpace) || strings.Contains(why.Error(), "refresh-") {
		t.Errorf("trouble since %v: %v", since, why)
	}
	b.clock.pass(56 * time.Minute)
	b.gets("access-3") // with the one that is nowhere but in memory
	broken = false
	b.gets("access-3")
	if since, why := b.Trouble(); !since.IsZero() || why != nil {
		t.Errorf("trouble since %v: %v", since, why)
	}
	other := &bench{Source: token.New(b.cfg), t: t, a: b.a}
	other.gets("access-4")

	broken, before = true, b.a.SignIn()
	b.Refused("access-3")
	b.gets("access-5")
	broken = false
	if err := other.Login(t.Context(), func(token.Prompt) {}); err != nil {
		t.Fatal(err)
	}
	b.Refused("access-5")
	b.gets("access-7")
	if since, _ := b.Trouble(); !since.IsZero() {
		t.Errorf("trouble since %v", since)
	}
}

// A sign-in that has ended says what to run, and the running bot takes the new one by itself.
func TestSignInEnds(t *testing.T) {
	t.Parallel()
	b := signedIn(t)
	b.a.Revoke(true)
	b.fails(false, "AADSTS700082", "the sign-in has ended: run mfabot login")
	other := token.New(b.cfg)
	if err := other.Login(t.Context(), func(token.Prompt) {}); err != nil {
		t.Fatal(err)
	}
	b.clock.pass(11 * time.Second)
	b.gets("access-3")
}

// What may pass while somebody signs in ends nothing; what they say no to does.
func TestLogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble *struct {
			status            int
			code, description string
		}
		change  func(*token.Config)
		words   string
		unasked bool // nobody is asked to sign in for nothing
	}{
		"busy": {trouble: &struct {
			status            int
			code, description string
		}{503, "", ""}},
		"declined": {trouble: &struct {
			status            int
			code, description string
		}{400, "access_denied", ""}, words: "has declined"},
		"too late": {trouble: &struct {
			status            int
			code, description string
		}{400, "expired_token", ""}, words: "in time: run the command again"},
		"policy": {trouble: &struct {
			status            int
			code, description string
		}{400, "invalid_grant", "AADSTS53003: Access has been blocked"},
			words: "Conditional Access does not let it sign in"},
		"no refresh token":    {change: func(c *token.Config) { c.Scopes = []string{"mail"} }, words: "expected offline_access among the scopes"},
		"another application": {change: func(c *token.Config) { c.ClientID = "another" }, words: "compare client_id and token_url", unasked: true},
		"no such address":     {change: func(c *token.Config) { c.DeviceURL = c.TokenURL + "/device" }, words: "answers 404", unasked: true},
		"no such folder":      {change: func(c *token.Config) { c.File = "/no/such/folder/m365.token" }, words: "no such file or directory", unasked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(cfg *token.Config) {
				cfg.Secret, cfg.Scopes = nil, []string{"mail", "offline_access"}
				cfg.File = filepath.Join(t.TempDir(), "m365.token")
				cfg.Key = func() ([]byte, error) { return []byte(strings.Repeat("k", 32)), nil }
				if c.change != nil {
					c.change(cfg)
				}
			})
			if c.trouble != nil {
				b.a.Trouble(tokentest.Refuses(c.trouble.status, c.trouble.code, c.trouble.description))
			}
			told := false
			err := b.Login(t.Context(), func(token.Prompt) { told = true })
			if c.words == "" {
				if err != nil {
					t.Fatal(err)
				}
				b.gets("access-2")
				return
			}
			if told == c.unasked {
				t.Errorf("somebody was asked to sign in: %v", told)
			}
			if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "device-code") || !b.NeedsLogin() {
				t.Errorf("%v, want %q; needs a login: %v", err, c.words, b.NeedsLogin())
			}
		})
	}
}
