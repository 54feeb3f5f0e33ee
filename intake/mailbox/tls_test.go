package mailbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mfabot/intake"
)

// authority makes a CA and a certificate of it for 127.0.0.1.
func authority(t *testing.T) (roots *x509.CertPool, cert tls.Certificate) {
	t.Helper()
	caKey, caErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, keyErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test CA"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if err := errors.Join(caErr, keyErr); err != nil {
		t.Fatal(err)
	}
	caDER, caErr := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	parsed, parseErr := x509.ParseCertificate(caDER)
	if err := errors.Join(caErr, err, parseErr); err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return roots, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	roots, cert := authority(t)
	for _, security := range []intake.Security{intake.StartTLS, intake.TLS} {
		t.Run(string(security), func(t *testing.T) {
			mem := imapmemserver.New()
			user := imapmemserver.NewUser("helpdesk@example.test", testPassword)
			if err := user.Create("INBOX", nil); err != nil {
				t.Fatal(err)
			}
			mem.AddUser(user)
			options := &imapserver.Options{
				Caps:      imap.CapSet{imap.CapIMAP4rev1: {}},
				TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
				NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
					return mem.NewSession(), nil, nil
				},
			}
			cfg := baseConfig(t, serve(t, options))
			if security == intake.TLS {
				cfg = baseConfig(t, serveTLS(t, options))
			}
			cfg.Security, cfg.TLS = security, &tls.Config{RootCAs: roots}
			w := watch(t, cfg, newLedger())
			drain(t, w)

			var unknown *tls.CertificateVerificationError
			cfg.TLS = nil // the system's roots
			if _, err := watch(t, cfg, newLedger()).Step(t.Context()); !errors.As(err, &unknown) {
				t.Errorf("a certificate of an unknown CA: %v", err)
			}
			cfg.TLS = &tls.Config{RootCAs: roots, ServerName: "other.example.test"}
			if _, err := watch(t, cfg, newLedger()).Step(t.Context()); !errors.As(err, &unknown) {
				t.Errorf("a certificate of another name: %v", err)
			}
		})
	}
}

// secures is a server's consent to STARTTLS.
func secures(cert tls.Certificate) func(k *talk) {
	return func(k *talk) {
		k.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN", "TAG OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] begin")
		secured := tls.Server(k.conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		k.conn = secured
		k.br.Reset(secured)
	}
}

// Without the server's consent to STARTTLS no password is sent, and what it said before or together with its
// consent counts for nothing.
func TestStartTLS(t *testing.T) {
	roots, cert := authority(t)
	for name, test := range map[string]struct {
		answer func(k *talk)
		text   string
	}{
		"refused": {
			answer: func(k *talk) { k.say("TAG BAD what is STARTTLS?") },
			text:   "what is STARTTLS?",
		},
		"injection": {
			answer: func(k *talk) { k.say("TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=EVIL") },
			text:   "in the clear after its answer",
		},
		"capabilities from before": {
			answer: secures(cert),
			text:   "LOGINDISABLED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := scripted(t, answers{
				"STARTTLS":     test.answer,
				"CAPABILITY":   func(k *talk) { k.say("* CAPABILITY IMAP4rev1 LOGINDISABLED", "TAG OK") },
				"LOGIN":        func(k *talk) { t.Error("the password was sent") },
				"AUTHENTICATE": func(k *talk) { t.Error("the password was sent") },
			})
			cfg.Security, cfg.TLS = intake.StartTLS, &tls.Config{RootCAs: roots}
			_, err := watch(t, cfg, newLedger()).Step(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// The time in a greeting is told once the server has let us in, where nobody on the way could write it.
func TestGreetingTime(t *testing.T) {
	roots, cert := authority(t)
	greets := func(k *talk) { k.say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready at Mon, 30 Nov 2026 06:00:00 +0000") }
	for name, test := range map[string]struct {
		security intake.Security
		away     bool // not on this machine, by its name
		answers  answers
		want     string
	}{
		"in the clear":                        {intake.Plain, false, answers{"greeting": greets}, "06:00"},
		"with STARTTLS":                       {intake.StartTLS, false, answers{"greeting": greets, "STARTTLS": secures(cert)}, "06:00"},
		"in the clear, with another machine":  {intake.Plain, true, answers{"greeting": greets}, ""},
		"with STARTTLS, with another machine": {intake.StartTLS, true, answers{"greeting": greets, "STARTTLS": secures(cert)}, ""},
		"refused":                             {intake.Plain, false, answers{"greeting": greets, "LOGIN": func(k *talk) { k.say("TAG NO no") }}, ""},
		"not a time":                          {intake.Plain, false, answers{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := scripted(t, test.answers)
			cfg.Security, cfg.TLS = test.security, &tls.Config{RootCAs: roots}
			if addr := cfg.Addr; test.away {
				cfg.Addr, cfg.TLS.ServerName = "mail.helpdesk.test:143", "127.0.0.1"
				cfg.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, addr)
				}
			}
			heard := ""
			cfg.Heard = func(at time.Time) { heard += at.Format("15:04") }
			_, _ = watch(t, cfg, newLedger()).Step(t.Context())
			equal(t, "heard", heard, test.want)
		})
	}
}
