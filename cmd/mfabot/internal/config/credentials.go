package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/token"
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

// credentials are how to log in: with a password that is read at each login, or with an OAuth token.
type credentials struct {
	password func() (string, error)
	token    func(context.Context) (string, error)
	refused  func(token string)
}

// credentials reads how to log in to what the table at key is about.
func (l *loader) credentials(key, passwordFile, oauth string, needed bool) (c credentials) {
	switch {
	case passwordFile != "" && oauth != "":
		l.Bad(key, "expected password_file or oauth, not both")
	case passwordFile != "":
		c.password = l.secret(key+".password_file", passwordFile)
	case oauth != "":
		if source := l.tokens[oauth]; source != nil {
			c.token, c.refused = source.Token, source.Refused
		} else if l.raw.OAuth[oauth] == nil {
			l.Bad(key+".oauth", "there is no table [oauth.%s]", oauth)
		}
	case needed:
		l.Bad(key, "expected password_file or oauth")
	}
	return c
}

// sourcesOf reads every table [oauth.NAME], by its name. One that is wrong has none.
func sourcesOf(l *loader, keyFile string) map[string]*token.Source {
	all := make(map[string]*token.Source)
	for _, name := range slices.Sorted(maps.Keys(l.raw.OAuth)) {
		if t := l.raw.OAuth[name]; t != nil {
			all[name] = sourceOf(l, name, t, keyFile)
		}
	}
	return all
}

// sourceOf reads a table [oauth.NAME].
func sourceOf(l *loader, name string, t *oauthTable, keyFile string) *token.Source {
	table := "oauth." + name
	u, err := url.Parse(t.TokenURL)
	if err != nil || !httpURL(u) {
		l.Bad(table+".token_url", "expected an https URL, not %q", t.TokenURL)
	}
	if t.ClientID == "" {
		l.Bad(table+".client_id", "expected the ID of the registered application")
	}
	c := token.Config{Name: name, TokenURL: t.TokenURL, DeviceURL: t.DeviceURL, ClientID: t.ClientID, Scopes: t.Scopes, Clock: time.Now}
	if t.ClientSecretFile != "" {
		c.Secret = l.secret(table+".client_secret_file", t.ClientSecretFile)
	}
	switch {
	case t.TokenFile != "":
		c.File = l.path(t.TokenFile)
		l.exposed.look(l.TOMLFile, table+".token_file", c.File)
		if c.DeviceURL == "" {
			c.DeviceURL = deviceURL(t.TokenURL)
		}
		if u, err := url.Parse(c.DeviceURL); err != nil || !httpURL(u) {
			l.Bad(table+".device_url", "expected an https URL where a sign-in with a code begins, not %q", c.DeviceURL)
		}
		c.Like = keyFile
		c.Key = func() ([]byte, error) {
			key, err := ReadKey(keyFile)
			return key.Secret, err
		}
	case t.DeviceURL != "":
		l.Bad(table+".device_url", "expected token_file as well, where mfabot login keeps the sign-in")
	case t.ClientSecretFile == "":
		l.Bad(table, "expected client_secret_file, or token_file to sign in with mfabot login")
	}
	return token.New(c)
}

// deviceURL is where a sign-in with a code begins at Microsoft's authorities, beside where tokens are asked for; empty at
// others.
func deviceURL(tokenURL string) string {
	if base, found := strings.CutSuffix(tokenURL, "/oauth2/v2.0/token"); found {
		return base + "/oauth2/v2.0/devicecode"
	}
	return ""
}

// SecretEnd is when a client secret ends.
type SecretEnd struct {
	Name string // of the table [oauth.NAME]
	At   time.Time
}

// secretEndsOf are those of the client secrets of which the configuration says it.
func secretEndsOf(l *loader, policy *intake.Policy) (all []SecretEnd) {
	for _, name := range slices.Sorted(maps.Keys(l.raw.OAuth)) {
		if t := l.raw.OAuth[name]; t != nil && policy != nil && t.SecretEnds != "" {
			key := "oauth." + name + ".secret_ends"
			if t.ClientSecretFile == "" {
				l.Bad(key, "expected client_secret_file as well")
			}
			all = append(all, SecretEnd{name, l.day(key, t.SecretEnds, policy)})
		}
	}
	return all
}

// httpURL reports whether nobody else sees what is sent to a URL.
func httpURL(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && intake.IsLoopback(u.Hostname()))
}
