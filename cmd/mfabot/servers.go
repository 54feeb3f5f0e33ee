package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/intake/senderauth"
	"mfabot/notify"
)

// schemes are the ways to reach a kind of server: each URL scheme with how the
// connection is secured and the port where none is given.
type schemes map[string]struct{ security, port string }

var (
	imapSchemes = schemes{"imap": {"plain", "143"}, "imap+starttls": {"starttls", "143"}, "imaps": {"tls", "993"}}
	smtpSchemes = schemes{"smtp": {"plain", "587"}, "smtp+starttls": {"starttls", "587"}, "smtps": {"tls", "465"}}
)

// server is what the URL of a mail server says.
type server struct {
	addr, host string
	security   string
	user       string
	path       string
}

func (l *loader) server(key, raw, want string, known schemes) (srv server, ok bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		l.Bad(key, "expected a URL such as %s", want)
		return srv, false
	}
	scheme, ok := known[u.Scheme]
	if !ok {
		l.Bad(key, "expected a URL such as %s, not the scheme %q", want, u.Scheme)
		return srv, false
	}
	if _, secret := u.User.Password(); secret {
		l.Bad(key, "expected no password here: put it into a file and name that in password_file")
		return srv, false
	}
	port := u.Port()
	if port == "" {
		port = scheme.port
	}
	return server{addr: net.JoinHostPort(u.Hostname(), port), host: u.Hostname(), security: scheme.security,
		user: u.User.Username(), path: strings.Trim(u.Path, "/")}, true
}

func (l *loader) mailboxes(policy *intake.Policy) []watched {
	var out []watched
	seen := make(map[string]bool)
	for i, m := range l.raw.Mailbox {
		key := fmt.Sprintf("mailbox[%d]", i)
		w := l.mailbox(key, m)
		if policy != nil {
			w.MaxSize = policy.MaxMessage
		}
		if seen[w.Name] {
			l.Bad(key+".name", "expected a name of its own: %q is another mailbox's", w.Name)
		}
		seen[w.Name] = true
		out = append(out, w)
	}
	if len(out) == 0 {
		l.Bad("mailbox", "expected at least one [[mailbox]]")
	}
	return out
}

func (l *loader) mailbox(key string, m mailboxTable) watched {
	w := watched{Site: strings.ToUpper(strings.TrimSpace(m.Site)), Trust: senderauth.Trust{AuthservID: m.Trust.AuthservID,
		ExchangeOnline: m.Trust.ExchangeOnline, DKIM: m.Trust.DKIM, AllowUnauthenticated: m.Trust.AllowUnauthenticated}}
	w.Name = m.Name
	if strings.TrimSpace(m.Name) == "" {
		l.Bad(key+".name", "expected a name for the mailbox")
	}
	const want = "imaps://mfa%40example.org@imap.example.org:993/INBOX"
	srv, ok := l.server(key+".url", m.URL, want, imapSchemes)
	if !ok {
		return w
	}
	if srv.user == "" {
		l.Bad(key+".url", "expected the user before the host, as in %s", want)
	}
	if srv.security == "plain" && !loopback(srv.host) && !m.Insecure {
		l.Bad(key+".url", "expected imaps:// or imap+starttls://, or a host of this machine: imap:// shows the password to the network (insecure = true allows it)")
	}
	w.Addr, w.Security, w.Username, w.Folder = srv.addr, mailbox.Security(srv.security), srv.user, srv.path
	w.TLS = l.tls(key, m.CAFile, srv.host)
	w.Password, w.Token = l.credentials(key, m.PasswordFile, m.OAuth, true)
	return w
}

func (l *loader) submission() notify.Submission {
	m := l.raw.SMTP
	srv, ok := l.server("smtp.url", m.URL, "smtp+starttls://mfa%40example.org@smtp.example.org:587", smtpSchemes)
	if !ok {
		return notify.Submission{}
	}
	if m.PerMinute < 0 {
		l.Bad("smtp.per_minute", "expected a number of messages, 0 for no limit")
	}
	sub := notify.Submission{Addr: srv.addr, Security: notify.Security(srv.security), Username: srv.user, PerMinute: m.PerMinute,
		TLS: l.tls("smtp", m.CAFile, srv.host)}
	sub.Password, sub.Token = l.credentials("smtp", m.PasswordFile, m.OAuth, srv.user != "")
	return sub
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

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

// credentials are how to log in: with a password that is read from its file at
// each login, or with an OAuth token.
func (l *loader) credentials(key, passwordFile, oauth string, needed bool) (func() (string, error), func(context.Context) (string, error)) {
	switch {
	case passwordFile != "" && oauth != "":
		l.Bad(key, "expected password_file or oauth, not both")
	case passwordFile != "":
		path := l.path(passwordFile)
		if _, err := readSecret(path); err != nil {
			l.Bad(key+".password_file", "%v", err)
		}
		return func() (string, error) { return readSecret(path) }, nil
	case oauth != "":
		return nil, l.token(key, oauth)
	case needed:
		l.Bad(key, "expected password_file or oauth")
	}
	return nil, nil
}

// readSecret reads a file's one line. Its errors never hold what it says.
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

// token returns access tokens by client credentials (RFC 6749, section 4.4), each
// used until shortly before it ends.
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

// clientCredentials reads a table [oauth.NAME], or returns nil where there is none.
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
		l.Bad(table+".client_id", "expected the id of the registered application")
	}
	path := l.path(t.ClientSecretFile)
	secret, err := readSecret(path)
	if err != nil {
		l.Bad(table+".client_secret_file", "%v", err)
	}
	return &clientcredentials.Config{ClientID: t.ClientID, ClientSecret: secret, TokenURL: t.TokenURL, Scopes: t.Scopes}
}

// httpURL reports whether what is sent to a URL is seen by nobody else.
func httpURL(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname()))
}

// withTokenClient has access tokens asked for by a client of ours.
func withTokenClient(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
}

// tokenTimeout bounds a request for an access token.
const tokenTimeout = 30 * time.Second

// resolver asks the DNS server at addr, or the system's where that is empty.
func resolver(addr string) absolute {
	if addr == "" {
		return absolute{net.DefaultResolver}
	}
	d := &net.Dialer{Timeout: dnsTimeout}
	return absolute{&net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, addr)
	}}}
}

// absolute asks for names as they are, and never for one below a search domain
// of this machine, where somebody else's keys could stand.
type absolute struct{ *net.Resolver }

// LookupTXT is net.Resolver's, of a whole name.
func (a absolute) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return a.Resolver.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".")
}

// dnsTimeout bounds connecting to a DNS server; the resolver bounds each answer itself.
const dnsTimeout = 5 * time.Second
