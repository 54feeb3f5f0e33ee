package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mfabot/intake"
)

func TestSecurityAndLogin(t *testing.T) {
	serverTLS, clientTLS := certificates(t)
	const password, token = "s3cret pass", "ey.a-token"
	byPassword := func() (string, error) { return password, nil }
	byToken := func(context.Context) (string, error) { return token, nil }
	check := func(mechanism, user, secret string) error {
		want := map[string]string{"PLAIN": password, "LOGIN": password, "XOAUTH2": token}[mechanism]
		if user != "mfa@helpdesk.test" || secret != want {
			return refusal(535)
		}
		return nil
	}
	tests := []struct {
		name     string
		offer    *tls.Config
		implicit bool
		away     bool     // not on this machine, by its name
		offers   []string // mechanisms; nil for all
		s        Submission
		wantTLS  bool
		wantErr  string
	}{
		{name: "plain on loopback", s: Submission{Password: byPassword}},
		{name: "login", offers: []string{"LOGIN"}, s: Submission{Password: byPassword}},
		{name: "starttls", offer: serverTLS, s: Submission{Security: intake.StartTLS, TLS: clientTLS, Password: byPassword}, wantTLS: true},
		{name: "tls", offer: serverTLS, implicit: true, s: Submission{Security: intake.TLS, TLS: clientTLS, Password: byPassword}, wantTLS: true},
		{name: "tls with another machine", offer: serverTLS, implicit: true, away: true, s: Submission{Security: intake.TLS, TLS: clientTLS, Password: byPassword}, wantTLS: true},
		{name: "starttls with another machine", offer: serverTLS, away: true, s: Submission{Security: intake.StartTLS, TLS: clientTLS, Password: byPassword}, wantTLS: true},
		{name: "in the clear with another machine", away: true, s: Submission{Password: byPassword}, wantErr: "unencrypted"},
		{name: "token", offer: serverTLS, s: Submission{Security: intake.StartTLS, TLS: clientTLS, Token: byToken}, wantTLS: true},
		{name: "starttls is not offered", s: Submission{Security: intake.StartTLS, TLS: clientTLS, Password: byPassword}, wantErr: "STARTTLS"},
		{name: "starttls of an unknown authority", offer: serverTLS, s: Submission{Security: intake.StartTLS, Password: byPassword}, wantErr: "certificate"},
		{name: "tls of an unknown authority", offer: serverTLS, implicit: true, s: Submission{Security: intake.TLS, Password: byPassword}, wantErr: "certificate"},
		{name: "wrong password", s: Submission{Password: func() (string, error) { return "other pass", nil }}, wantErr: "535"},
		{name: "wrong token", offer: serverTLS, s: Submission{Security: intake.StartTLS, TLS: clientTLS, Token: func(context.Context) (string, error) { return "ey.old", nil }}, wantErr: "535"},
		{name: "no login", s: Submission{}, wantErr: "530"},
		{name: "no password to be had", s: Submission{Password: func() (string, error) { return "", io.ErrUnexpectedEOF }}, wantErr: "password: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := (&server{login: check, offers: tt.offers, says: "; " + monday.Format(time.RFC1123Z)}).start(t, tt.offer, tt.implicit)
			tt.s.Addr, tt.s.Username = s.addr, "mfa@helpdesk.test"
			if tt.away {
				tt.s.Addr = "mail.helpdesk.test:465"
				tt.s.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, s.addr)
				}
				if tt.s.TLS != nil {
					tt.s.TLS = tt.s.TLS.Clone()
					tt.s.TLS.ServerName = "127.0.0.1"
				}
			}
			var heard []time.Time
			tt.s.Heard = func(at time.Time) { heard = append(heard, at) }
			defer func() {
				told := len(heard) == 1 && heard[0].Equal(monday)
				if told != (tt.wantErr == "" && (!tt.away || tt.implicit) || tt.name == "no login") || len(heard) > 1 {
					t.Errorf("heard %v", heard)
				}
			}()
			b := newBench(t, tt.s, "a@x.test", "b@x.test")
			sent, err := b.Step(t.Context())
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || sent != 0 {
					t.Errorf("Step: %d, %v; want an error with %q", sent, err, tt.wantErr)
				}
				if strings.HasPrefix(tt.wantErr, "53") {
					b.wantEvents(t, "try 1 2", "retry 1", "stopped", "skip 2")
					return
				}
				b.wantEvents(t, "try 1 2", "retry 1", "skip 2")
				return
			}
			if err != nil || sent != 2 || s.dialled() != 1 {
				t.Fatalf("Step: %d, %v over %d connections", sent, err, s.dialled())
			}
			if got := s.mail()[0].tls; got != tt.wantTLS {
				t.Errorf("over TLS: %v", got)
			}
		})
	}
}

// TestTokenRefused: a token that the server refuses, as one that was revoked, is thrown away before its end, and a new one is tried
// at once, before any message waits: on a new connection and on one in use. If that is refused too, the operator hears what to do.
func TestTokenRefused(t *testing.T) {
	serverTLS, clientTLS := certificates(t)
	good, n := "t2", 1
	var refused []string
	s := &server{login: func(_, _, token string) error {
		if token != good {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 3}, Message: "Authentication unsuccessful"}
		}
		return nil
	}}
	revoked := false
	s.on = func(stage, _ string) error {
		if stage == "mail" && revoked {
			revoked, good = false, "t3"
			return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 57}, Message: "Client not authenticated to send mail"}
		}
		return nil
	}
	s.start(t, serverTLS, false)
	b := newBench(t, Submission{Addr: s.addr, Security: intake.StartTLS, TLS: clientTLS, Username: "mfa@helpdesk.test",
		Token: func(context.Context) (string, error) { return fmt.Sprint("t", n), nil },
		Refused: func(token string) {
			if refused = append(refused, token); token == fmt.Sprint("t", n) {
				n++
			}
		}}, "a@x.test", "b@x.test", "c@x.test")
	b.queue.messages[1].DueAt, b.queue.messages[2].DueAt = monday.Add(time.Hour), monday.Add(2*time.Hour)
	b.step(t, 1)
	b.wantEvents(t, "try 1", "sent 1")

	revoked = true
	b.now = b.now.Add(time.Hour)
	b.step(t, 1)
	b.wantEvents(t, "try 2", "sent 2")
	if want := []string{"t1", "t2"}; !slices.Equal(refused, want) {
		t.Errorf("refused %q, want %q", refused, want)
	}

	good = "none"
	s.cutAll()
	b.now = b.now.Add(time.Hour)
	_, err := b.Step(t.Context())
	if err == nil || !strings.Contains(err.Error(), "SMTP.SendAsApp for it") {
		t.Errorf("Step: %v", err)
	}
	if want := []string{"t1", "t2", "t3", "t4"}; !slices.Equal(refused, want) {
		t.Errorf("refused %q, want %q", refused, want)
	}
}

// TestSecretsStayOutOfErrors makes a server repeat what it was told.
func TestSecretsStayOutOfErrors(t *testing.T) {
	for _, form := range []string{"hunter2", base64.StdEncoding.EncodeToString([]byte("\x00me\x00hunter2"))} {
		s := &server{login: func(_, _, _ string) error {
			err := refusal(535)
			return fmt.Errorf("%w %s", err, form)
		}}
		s.start(t, nil, false)
		b := newBench(t, Submission{Addr: s.addr, Username: "me", Password: func() (string, error) { return "hunter2", nil }}, "a@x.test")
		_, err := b.Step(t.Context())
		if err == nil || strings.Contains(err.Error(), form) || strings.Contains(b.queue.messages[0].LastError, form) {
			t.Errorf("Step: %v; last error %q", err, b.queue.messages[0].LastError)
		}
	}
}

func TestTokenNeedsTLS(t *testing.T) {
	asked := false
	b := newBench(t, Submission{Addr: "smtp.helpdesk.test:587",
		Token: func(context.Context) (string, error) { asked = true; return "t", nil }}, "a@x.test")
	if _, err := b.Step(t.Context()); err == nil || asked {
		t.Errorf("Step: %v; token asked for: %v", err, asked)
	}
}
