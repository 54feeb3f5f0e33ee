package config

import (
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/senderauth"
)

// imapSchemes are the schemes of a mailbox's URL.
var imapSchemes = schemes{"imap": {intake.Plain, "143"}, "imap+starttls": {intake.StartTLS, "143"}, "imaps": {intake.TLS, "993"}}

// mailboxes are those to read, each for messages as large as the policy allows.
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
			l.Bad(key+".name", "expected a unique name: another mailbox is called %q", w.Name)
		}
		seen[w.Name] = true
		out = append(out, w)
	}
	if len(out) == 0 {
		l.Bad("mailbox", "expected at least one [[mailbox]]")
	}
	return out
}

// mailbox reads one table [[mailbox]], whose keys begin with key.
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
	if srv.security == intake.Plain && !intake.IsLoopback(srv.host) && !m.Insecure {
		l.Bad(key+".url", "expected imaps:// or imap+starttls://, or this machine as the host: "+
			"imap:// shows the password to the network (insecure = true allows it)")
	}
	w.Addr, w.Security, w.Username, w.Folder = srv.addr, srv.security, srv.user, srv.path
	w.TLS = l.tls(key, m.CAFile, srv.host)
	w.Password, w.Token = l.credentials(key, m.PasswordFile, m.OAuth, true)
	return w
}
