//go:build real

package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/intake"
)

func TestDovecotTLS(t *testing.T) {
	roots, cert := authority(t)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.pem")
	pems := append(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, pems, 0o600); err != nil {
		t.Fatal(err)
	}
	d := &dovecot{separator: "/", extra: fmt.Sprintf(
		"ssl = required\nssl_cert = <%[1]s\nssl_key = <%[1]s\ndisable_plaintext_auth = yes", file)}
	d.start(t)
	for security, addr := range map[intake.Security]string{intake.StartTLS: d.addr, intake.TLS: d.addrTLS} {
		cfg := d.config(t)
		cfg.Addr, cfg.Security, cfg.TLS = addr, security, &tls.Config{RootCAs: roots}
		l := newLedger()
		w := watch(t, cfg, l)
		drain(t, w)
		cfg.TLS = nil
		var unknown *tls.CertificateVerificationError
		if _, err := watch(t, cfg, l).Step(t.Context()); !errors.As(err, &unknown) {
			t.Errorf("%s with an unknown CA: %v", security, err)
		}
	}
}

// A shared mailbox is opened with the token of somebody else, as Dovecot's introspection is told, and a token
// that it does not know is refused.
func TestDovecotXOAUTH2(t *testing.T) {
	cfg := baseConfig(t, "")
	introspection := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		active := strings.Contains(r.URL.Path, "good-token")
		_ = json.NewEncoder(rw).Encode(map[string]any{"active": active, "username": cfg.Username})
	}))
	t.Cleanup(introspection.Close)
	oauth := filepath.Join(t.TempDir(), "oauth2.conf")
	if err := os.WriteFile(oauth, []byte("introspection_mode = get\nintrospection_url = "+introspection.URL+
		"/\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &dovecot{separator: "/", passwords: "mechanisms = plain login", extra: fmt.Sprintf(`
auth_mechanisms = xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = %s
}`, oauth)}
	d.start(t)
	cfg.Addr = d.addr
	token := "good-token"
	cfg.Token = func(context.Context) (string, error) { return token, nil }
	drain(t, watch(t, cfg, newLedger()))

	token = "bad-token"
	_, err := watch(t, cfg, newLedger()).Step(t.Context())
	if !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), "status") || strings.Contains(err.Error(), token) {
		t.Errorf("a refused token: %v", err)
	}
}
