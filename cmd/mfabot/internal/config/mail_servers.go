package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"

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

func (l *loader) mailboxes(policy *intake.Policy) []Mailbox {
	var out []Mailbox
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

func (l *loader) mailbox(key string, m mailboxTable) Mailbox {
	w := Mailbox{Site: strings.ToUpper(strings.TrimSpace(m.Site)), Trust: senderauth.Trust{AuthservID: m.Trust.AuthservID,
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
