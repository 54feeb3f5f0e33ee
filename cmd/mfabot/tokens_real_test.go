//go:build real

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/token/tokentest"
)

// TestRealTokens has Dovecot, and Postfix by Dovecot, let mfabot in by access tokens, of which each asks the authority. In the
// middle the authority takes them back, and the servers end the connections.
func TestRealTokens(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	authority := tokentest.Start()
	t.Cleanup(authority.Close)
	authority.User = service
	office, err := post.Real(ctx, "", demo.Accounts(), post.RealOptions{Introspect: authority.IntrospectURL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(office.Log())
		}
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	set := withTokens(t, office, authority)
	var sending []net.Conn
	set.Submission.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			sending = append(sending, conn)
		}
		return conn, err
	}
	b, err := bot.New(ctx, set, bot.Surroundings{Clock: set.Now, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &senders{office: office, bot: b}
	asks := func(from, user, reviewer string) {
		t.Helper()
		if err := office.Send(ctx, from, []string{service}, s.request(from, user)); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(patience); ; {
			if err := b.Settle(ctx); err != nil {
				t.Fatal(err)
			}
			all, err := b.Store.Inbound(ctx)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%v, %v", all, err)
			}
			if all[len(all)-1].From == post.Bare(from) {
				break
			}
		}
		s.arrived(ctx, t, post.Bare(reviewer), func(raw []byte) bool { return strings.Contains(string(raw), post.Bare(user)) })
	}
	asks(pharmacy, sam, asha)
	if n := authority.Asked(); n != 1 || len(sending) != 1 {
		t.Errorf("asked for %d tokens, over %d connections", n, len(sending))
	}
	authority.Revoke(false)
	office.Cut()
	for _, conn := range sending {
		_ = conn.Close()
	}
	asks(dentist, rosa, asha)
	if n := authority.Asked(); n != 2 || len(sending) != 2 {
		t.Errorf("asked for %d tokens, over %d connections", n, len(sending))
	}

	// The same where sending is the first to be refused.
	authority.Revoke(false)
	_ = sending[1].Close()
	if _, err := b.Desk.Grant(ctx, post.Bare(tom), "no-signal", "VL303", ""); err != nil {
		t.Fatal(err)
	}
	if sent, err := b.Sender.Step(ctx); err != nil || sent == 0 || authority.Asked() != 3 || len(sending) != 4 {
		t.Errorf("sent %d, %v; asked for %d tokens, over %d connections", sent, err, authority.Asked(), len(sending))
	}

	// With no other to be had, both say what to do, and nothing is lost.
	authority.Revoke(false)
	office.Cut()
	_ = sending[len(sending)-1].Close()
	wrong := tokentest.Refuses(401, "invalid_client", "AADSTS7000222: The provided client secret keys are expired.")
	authority.Trouble(wrong, wrong)
	if _, err := b.Desk.Grant(ctx, post.Bare(sam), "no-signal", "", ""); err != nil {
		t.Fatal(err)
	}
	err = b.Settle(ctx)
	if err == nil || strings.Count(err.Error(), "the client secret has ended: in Entra") < 2 ||
		strings.Contains(err.Error(), tokentest.Secret) {
		t.Errorf("without a token: %v", err)
	}
}

// withTokens is a configuration for an office that asks an authority about tokens.
func withTokens(t *testing.T, office *post.Office, authority *tokentest.Authority) *config.Settings {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf(senderConfig, url.QueryEscape(service), office.IMAPAddr, office.SMTPAddr, office.CAFile,
		"allow_unauthenticated = true", "127.0.0.1:53")
	text = strings.ReplaceAll(text, `password_file = "a.password"`, `oauth = "m365"`) + fmt.Sprintf(`
[oauth.m365]
token_url          = %q
client_id          = %q
client_secret_file = "secret"
`, authority.TokenURL(), tokentest.Client)
	for name, text := range map[string]string{"mfabot.toml": text, "sites.csv": demo.Sites, "secret": tokentest.Secret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return set
}
