package config

import (
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
	if m.PerMinute < 0 {
		l.Bad("smtp.per_minute", "expected a number of messages, 0 for no limit")
	}
	sub := notify.Submission{Addr: srv.addr, Security: srv.security, Username: srv.user, PerMinute: m.PerMinute,
		TLS: l.tls("smtp", m.CAFile, srv.host)}
	sub.Password, sub.Token = l.credentials("smtp", m.PasswordFile, m.OAuth, srv.user != "")
	return sub
}
