package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
			w.Since = l.day(key+".since", m.Since, policy)
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
	w.Trust.Aligned = domains(l.TOMLFile, key+".trust.aligned", m.Trust.Aligned)
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
	w.Trust.TenantDomains = l.tenantDomains(key+".trust.tenant_domains", m, w)
	w.TLS = l.tls(key, m.CAFile, srv.host)
	c := l.credentials(key, m.PasswordFile, m.OAuth, true)
	w.Password, w.Token, w.Refused = c.password, c.token, c.refused
	return w
}

// day is the beginning of a day in the policy's time zone; zero if none is given.
func (l *loader) day(key, date string, policy *intake.Policy) time.Time {
	if date == "" {
		return time.Time{}
	}
	begins, _, err := policy.DayOf(date)
	if err != nil {
		l.Bad(key, "expected a day such as 2026-11-02, not %q", date)
		return time.Time{}
	}
	return begins.UTC()
}

// tenantDomains are the domains that the mark of mail from inside the tenant proves. Where they are left out,
// they are those that are surely the tenant's: the mailbox's own and, as a site's own mailbox may be in
// another tenant, only for the service's mailboxes the one of the address that people write to.
func (l *loader) tenantDomains(key string, m mailboxTable, w Mailbox) []string {
	switch {
	case !m.Trust.ExchangeOnline && len(m.Trust.TenantDomains) > 0:
		l.Bad(key, "expected exchange_online = true beside it: only the mark of Exchange Online proves a tenant's domains")
		return nil
	case !m.Trust.ExchangeOnline:
		return nil
	case m.Trust.TenantDomains != nil:
		return domains(l.TOMLFile, key, m.Trust.TenantDomains)
	}
	addresses := []string{w.Username}
	if w.Site == "" {
		addresses = append(addresses, l.raw.Service.Address)
	}
	var out []string
	for _, addr := range addresses {
		addr = intake.Canonical(addr)
		_, domain, _ := strings.Cut(addr, "@")
		if intake.IsAddress(addr) && senderauth.IsOrganisation(domain) && !slices.Contains(out, domain) {
			out = append(out, domain)
		}
	}
	return out
}

// domains checks a list of domains, each of which must belong to somebody.
func domains(f *intake.TOMLFile, key string, list []string) []string {
	var out []string
	for _, d := range list {
		d = strings.ToLower(strings.TrimSpace(d))
		if !senderauth.IsOrganisation(d) {
			f.Bad(key, "expected domains such as mail.example.org: %q is not a domain, or anybody can have a name under it", d)
			continue
		}
		out = append(out, d)
	}
	return out
}
