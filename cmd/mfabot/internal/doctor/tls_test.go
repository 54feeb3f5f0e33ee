package doctor

import (
	"bufio"
	"io"
	"net"
)

// tlsRefused: a server that has the protocol of the port does not come as far as TLS, which is nothing that another port mends.
func tlsRefused() []broken {
	imapSays := func(says ...string) func(*clinic) {
		return func(c *clinic) { c.edit(imapURL, "imap+starttls"+imapURL[5:]); c.imap.script = says }
	}
	smtpSays := func(says ...string) func(*clinic) {
		return func(c *clinic) { c.edit(smtpURL, "smtp+starttls"+smtpURL[5:]); c.smtp.script = says }
	}
	const (
		box, relay = "mailbox helpdesk: TLS", "submission: TLS"
		imapHello  = "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"
		hello      = "220 smtp.helpdesk.test ESMTP\r\n"
		offers     = "250-smtp.helpdesk.test\r\n250 STARTTLS\r\n"
	)
	return []broken{
		{name: "IMAP STARTTLS refused", breaks: imapSays(imapHello, "a NO [UNAVAILABLE] no certificate\r\n"), line: box,
			found: "offers TLS at imap.helpdesk.test:993 (STARTTLS), and cannot use it now: imap: NO [UNAVAILABLE] no certificate", mend: "The port is right."},
		{name: "IMAP STARTTLS not understood", breaks: imapSays(imapHello, "a BAD not now\r\n"), line: box,
			found: "cannot use it now: imap: BAD not now", mend: "The port is right."},
		{name: "IMAP closes at STARTTLS", breaks: imapSays(imapHello, "a OK go on\r\n"), line: box, found: "cannot use it now", mend: "The port is right."},
		{name: "IMAP says goodbye", breaks: imapSays("* BYE too many connections\r\n"), line: box,
			found: "turns us away before TLS: imap: BYE too many connections", mend: "no more of them"},
		{name: "SMTP STARTTLS refused", breaks: smtpSays(hello, offers, "454 4.7.0 TLS not available due to local problem\r\n"), line: relay,
			found: `cannot use it now: 454 "4.7.0 TLS not available due to local problem"`, mend: "The port is right."},
		{name: "a milter does not answer", breaks: smtpSays(hello, offers, "454 4.3.0 Try again later\r\n"), line: relay,
			found: `cannot use it now: 454 "4.3.0 Try again later"`, mend: "Where its log has milter-reject, one of its milters"},
		{name: "SMTP STARTTLS refused for good", breaks: smtpSays(hello, offers, "502 5.5.1 not implemented\r\n"), line: relay,
			found: `cannot use it now: 502 "5.5.1 not implemented"`, mend: "The port is right."},
		{name: "SMTP closes at STARTTLS", breaks: smtpSays(hello, offers, "220 go on\r\n"), line: relay, found: "cannot use it now", mend: "The port is right."},
		{name: "SMTP turns us away", breaks: smtpSays("554 5.7.1 no service for you\r\n"), line: relay,
			found: `turns us away before TLS: 554 "5.7.1 no service for you"`, mend: "no connections from this machine"},
		{name: "no agreement on TLS", breaks: func(c *clinic) { c.imap.noKey = true }, line: box,
			found: "speaks TLS at imap.helpdesk.test:993, and does not agree on it: tls: ", mend: "The port is right."},
	}
}

// scripted is a server that says one thing after the other, each to a line, and then closes.
func (c *clinic) scripted(says []string) string {
	c.t.Helper()
	return c.listen(true, func(l net.Listener) error {
		for {
			conn, err := l.Accept()
			if err != nil {
				return err
			}
			in := bufio.NewReader(conn)
			for i, said := range says {
				if i > 0 {
					if _, err := in.ReadString('\n'); err != nil {
						break
					}
				}
				if _, err := io.WriteString(conn, said); err != nil {
					break
				}
			}
			_ = conn.Close() // the other side has gone already, or sees that it is over
		}
	}, func() error { return nil })
}
