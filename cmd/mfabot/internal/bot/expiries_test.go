package bot

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/token"
	"mfabot/cmd/mfabot/internal/token/tokentest"
	"mfabot/intake"
)

// TestSecretEnds: the operator hears 30, 14 and 3 days before a client secret ends, once each, over starts as well, and hears
// nothing more once it is replaced.
func TestSecretEnds(t *testing.T) {
	t.Parallel()
	l := newLeaping(t)
	ends := l.now.Add(40 * 24 * time.Hour)
	l.bot.Settings.SecretEnds = []config.SecretEnd{{Name: "m365", At: ends}}
	l.restart()
	var told []string
	look := func() {
		all, err := l.bot.Store.Outbound(t.Context())
		done(t, err)
		told = nil
		for _, o := range all {
			if o.Template == intake.LetterAlert && o.Facts.Why == intake.Why(intake.AlertSecret) {
				headline := o.Facts.Headline
				if o.Facts.Urgent {
					headline = "Urgent: " + headline
				}
				told = append(told, headline)
			}
		}
	}
	for day := range 45 {
		if day == 20 {
			l.restart()
		}
		l.settles(24*time.Hour, 24*time.Hour)
		l.settles(time.Hour, time.Hour)
		l.settles(-time.Hour, -time.Hour)
	}
	look()
	want := "A client secret ends in 30 days: m365\nA client secret ends in 14 days: m365\nUrgent: A client secret ends in 3 days: m365"
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	l.bot.Settings.SecretEnds[0].At = l.now.Add(180 * 24 * time.Hour)
	l.restart()
	l.settles(time.Hour, time.Hour)
	if look(); len(told) != 3 {
		t.Errorf("told of a new one: %q", told)
	}
	l.bot.Settings.SecretEnds[0].At = l.now.Add(-time.Minute)
	l.restart()
	l.settles(0, 0)
	if look(); len(told) != 4 || told[3] != "Urgent: A client secret has ended: m365" {
		t.Errorf("told of one that has ended: %q", told)
	}
}

// TestSignInUnkept: the operator hears that the authority has replaced a sign-in, and that the new one is nowhere but in memory;
// and by the other ways when that is over. Until then no other configuration is taken, with which it would be gone.
func TestSignInUnkept(t *testing.T) {
	t.Parallel()
	a := tokentest.Start()
	t.Cleanup(a.Close)
	l := unheardBot(t, lakeside)
	full := false
	source := token.New(token.Config{Name: "m365", TokenURL: a.TokenURL(), DeviceURL: a.URL + "/tenant/oauth2/v2.0/devicecode",
		ClientID: tokentest.Client, Scopes: []string{"offline_access"}, File: filepath.Join(t.TempDir(), "m365.token"),
		Clock: func() time.Time { return l.now },
		Key: func() ([]byte, error) {
			if full {
				return nil, errors.New("no space left on device")
			}
			return []byte(strings.Repeat("k", 32)), nil
		}})
	done(t, source.Login(t.Context(), func(token.Prompt) {}))
	before := a.SignIn()
	l.bot.Settings.Tokens = []*token.Source{source}
	l.restart()
	use := func() {
		_, err := source.Token(t.Context())
		done(t, err)
	}
	a.Trouble(func(w http.ResponseWriter, _ *http.Request) {
		full = true
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "a", "expires_in": 3600, "refresh_token": "r"}`))
	})
	use()
	told := func() (n int) {
		all, err := l.bot.Store.Outbound(t.Context())
		done(t, err)
		for _, o := range all {
			if o.Facts.Headline == "A new sign-in could not be kept" {
				n++
				said := strings.Join(o.Facts.Lines, "\n")
				if !strings.Contains(said, "no space left on device") || strings.Contains(said, before) {
					t.Error(said)
				}
			}
		}
		return n
	}
	l.settles(10*time.Minute, 10*time.Minute)
	if n := told(); n != 0 {
		t.Errorf("told %d times at once", n)
	}
	l.settles(6*time.Minute, 6*time.Minute)
	l.settles(time.Minute, time.Minute)
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
	next := *l.bot.Settings
	next.Tokens = nil
	if err := mayReplace(t.Context(), l.bot.Settings, &next); err == nil || !strings.Contains(err.Error(), "could not be kept") {
		t.Errorf("a bot that has it not goes on: %v", err)
	}
	full = false
	use()
	done(t, mayReplace(t.Context(), l.bot.Settings, &next))
	l.settles(time.Minute, time.Minute)
	if ways, err := l.bot.Store.Ways(t.Context()); err != nil || len(ways) != 0 {
		t.Errorf("still broken: %+v, %v", ways, err)
	}
}
