package config

import (
	"slices"

	"mfabot/intake"
	"mfabot/notify"
)

// smtpSchemes are the schemes of the submission server's URL.
var smtpSchemes = schemes{"smtp": {intake.Plain, "587"}, "smtp+starttls": {intake.StartTLS, "587"}, "smtps": {intake.TLS, "465"}}

// submission is how emails are sent.
func (l *loader) submission() notify.Submission {
	m := l.raw.SMTP
	srv, ok := l.server("smtp.url", m.URL, "smtp+starttls://mfa%40example.org@smtp.example.org:587", smtpSchemes)
	if !ok {
		return notify.Submission{}
	}
	if srv.security == intake.Plain && !intake.IsLoopback(srv.host) && !m.Insecure {
		l.Bad("smtp.url", "expected smtp+starttls:// or smtps://, or this machine as the host: "+
			"smtp:// shows every email, with its review code, to the network (insecure = true allows it)")
	}
	perMinute := 0
	if m.PerMinute != nil {
		perMinute = *m.PerMinute
	} else if inExchangeOnline(l.raw.Mailbox) {
		perMinute = exchangeOnline
	}
	if perMinute < 0 {
		l.Bad("smtp.per_minute", "expected a number of messages, 0 for no limit")
	}
	sub := notify.Submission{Addr: srv.addr, Security: srv.security, Username: srv.user, PerMinute: perMinute,
		TLS: l.tls("smtp", m.CAFile, srv.host)}
	c := l.credentials("smtp", m.PasswordFile, m.OAuth, srv.user != "")
	if srv.user != "" { // without a user nobody logs in, whatever is left in the table
		sub.Password, sub.Token, sub.Refused = c.password, c.token, c.refused
	}
	return sub
}

// exchangeOnline is how many messages a minute Exchange Online takes from a mailbox.
const exchangeOnline = 30

// inExchangeOnline reports whether a mailbox of the service's is Exchange Online's, so that what it sends goes out there too.
func inExchangeOnline(mailboxes []mailboxTable) bool {
	return slices.ContainsFunc(mailboxes, func(m mailboxTable) bool { return m.Site == "" && m.Trust.ExchangeOnline })
}
