package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"mfabot/intake"
)

// tls is how to protect a connection to host, with the system's roots or those of caFile.
func (l *loader) tls(key, caFile, host string) *tls.Config {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return c
	}
	pem, err := os.ReadFile(l.path(caFile))
	if err != nil {
		l.Bad(key+".ca_file", "%v", err)
		return c
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		l.Bad(key+".ca_file", "expected certificates in PEM form in %s", caFile)
	}
	return c
}

// credentials are how to log in: with a password that is read from its file at each login, or with an OAuth
// token.
func (l *loader) credentials(key, passwordFile, oauth string, needed bool) (
	password func() (string, error), token func(context.Context) (string, error),
) {
	switch {
	case passwordFile != "" && oauth != "":
		l.Bad(key, "expected password_file or oauth, not both")
	case passwordFile != "":
		path := l.path(passwordFile)
		if _, err := readSecret(path); err != nil {
			l.Bad(key+".password_file", "%v", err)
		}
		l.exposed.look(l.TOMLFile, key+".password_file", path)
		return func() (string, error) { return readSecret(path) }, nil
	case oauth != "":
		return nil, l.token(key, oauth)
	case needed:
		l.Bad(key, "expected password_file or oauth")
	}
	return nil, nil
}

// readSecret reads the one line of a file. Its errors never contain the secret.
func readSecret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(data), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty: expected a secret on one line", path)
	}
	return secret, nil
}

// token returns access tokens by client credentials (RFC 6749, section 4.4), each used until shortly before
// it expires.
func (l *loader) token(key, name string) func(context.Context) (string, error) {
	c := l.clientCredentials(key, name)
	if c == nil {
		return nil
	}
	source := c.TokenSource(withTokenClient(context.Background()))
	return func(context.Context) (string, error) {
		tok, err := source.Token()
		if err != nil {
			return "", fmt.Errorf("access token of [oauth.%s]: %w", name, err)
		}
		return tok.AccessToken, nil
	}
}

// clientCredentials reads a table [oauth.NAME]. It returns nil if there is no such table.
func (l *loader) clientCredentials(key, name string) *clientcredentials.Config {
	t := l.raw.OAuth[name]
	if t == nil {
		l.Bad(key+".oauth", "there is no table [oauth.%s]", name)
		return nil
	}
	table := "oauth." + name
	u, err := url.Parse(t.TokenURL)
	if err != nil || !httpURL(u) {
		l.Bad(table+".token_url", "expected an https URL, not %q", t.TokenURL)
	}
	if t.ClientID == "" {
		l.Bad(table+".client_id", "expected the ID of the registered application")
	}
	path := l.path(t.ClientSecretFile)
	secret, err := readSecret(path)
	if err != nil {
		l.Bad(table+".client_secret_file", "%v", err)
	}
	l.exposed.look(l.TOMLFile, table+".client_secret_file", path)
	return &clientcredentials.Config{ClientID: t.ClientID, ClientSecret: secret, TokenURL: t.TokenURL, Scopes: t.Scopes}
}

// httpURL reports whether nobody else sees what is sent to a URL.
func httpURL(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && intake.IsLoopback(u.Hostname()))
}

// withTokenClient returns a context in which access tokens are requested with a time limit.
func withTokenClient(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
}

// tokenTimeout bounds a request for an access token.
const tokenTimeout = 30 * time.Second
