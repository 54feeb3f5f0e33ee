package doctor

import (
	"errors"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// asha is mail of a reviewer that is signed, with the fields that the signature covers.
func asha(covers string) string {
	return received + "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=helpdesk.test; s=mail;\r\n h=" + covers +
		"; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=c2lnbmF0dXJl\r\n" +
		"From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <1@helpdesk.test>\r\nSubject: Hello\r\n" +
		"Date: Mon, 2 Nov 2026 09:00:00 +0000\r\n\r\nI am here.\r\n"
}

const passedDKIM = "Authentication-Results: mx.helpdesk.test; dkim=pass header.d=helpdesk.test header.s=mail header.b=c2lnbmF0\r\n"

// signedMail: a signature is there, and says too little, or cannot be verified.
func signedMail() []broken {
	const (
		trust = "mailbox helpdesk: trust"
		ours  = "mailbox helpdesk: mail from reviewers at helpdesk.test"
	)
	covers := func(fields string) func(*clinic) {
		return func(c *clinic) { c.mail = []string{passedDKIM + asha(fields)} }
	}
	asks := func(code dnsmessage.RCode) func(*clinic) {
		return func(c *clinic) {
			c.mail = []string{asha("from:to:sender")}
			c.edit(`authserv_id = "mx.helpdesk.test"`, "dkim = true")
			c.edit("[[mailbox]]", "resolver = \""+nameServer(c.t, code)+"\"\n[[mailbox]]")
		}
	}
	return []broken{
		{name: "Sender left open", breaks: covers("from:to:subject:date:message-id"), line: ours, works: true,
			found: "but the signature does not say that there is no Sender: they would be asked by email to confirm (CONFIRM) each APPROVE",
			mend:  "With OpenDKIM: OversignHeaders From,To,Sender."},
		{name: "To left open", breaks: covers("from:sender:subject:date:message-id"), line: ours, works: true,
			found: "but the signature does not cover To: they", mend: "for helpdesk.test cover To and Sender"},
		{name: "To and Sender left open", breaks: covers("from:subject:date:message-id"), line: ours, works: true,
			found: "but the signature does not cover To and does not say that there is no Sender: they", mend: "With rspamd: (o)from, (o)to and (o)sender"},
		{name: "Sender left open by a site with us", breaks: func(c *clinic) {
			c.mail = append(c.mail, passedDKIM+strings.ReplaceAll(asha("from:to:subject:date:message-id"), "asha@", "desk@"))
		}, line: trust, works: true, found: "of these 1 by a signature alone", mend: "OversignHeaders From,To,Sender."},
		{name: "no such key", breaks: asks(dnsmessage.RCodeNameError), line: trust, also: []string{ours},
			found: "no such key is published", mend: "published as the TXT record mail._domainkey.helpdesk.test"},
		{name: "a key that the name server cannot find out", breaks: asks(dnsmessage.RCodeServerFailure), line: trust, also: []string{ours},
			found: "none of the newest 1 messages is proven", mend: "does not say whether there is the key mail._domainkey.helpdesk.test"},
	}
}

// TestSignedWell: a signature that covers To, and that there is no Sender, is all that it takes.
func TestSignedWell(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.mail = []string{passedDKIM + asha("from:to:sender:subject:date:message-id")}
	for _, l := range c.examined() {
		if l.State != OK {
			t.Errorf("%+v", l)
		}
	}
}

// nameServer answers each question about keys with a code, and any other with that there is no such name.
func nameServer(t *testing.T, code dnsmessage.RCode) (addr string) {
	t.Helper()
	return nameServerOf(t, func(conn net.PacketConn) error { return answers(conn, code, "") })
}

func nameServerOf(t *testing.T, answers func(net.PacketConn) error) (addr string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	done(t, err)
	served := make(chan error, 1)
	go func() { served <- answers(conn) }()
	t.Cleanup(func() {
		done(t, conn.Close())
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return conn.LocalAddr().String()
}

func answers(conn net.PacketConn, code dnsmessage.RCode, record string) error {
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		var m dnsmessage.Message
		if err := m.Unpack(buf[:n]); err != nil {
			return err
		}
		m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeNameError, nil
		if strings.Contains(m.Questions[0].Name.String(), "_domainkey") {
			m.RCode = code
			if q := m.Questions[0]; record != "" && q.Type == dnsmessage.TypeTXT {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body: &dnsmessage.TXTResource{TXT: []string{record}}}}
			}
		}
		reply, err := m.Pack()
		if err != nil {
			return err
		}
		if _, err := conn.WriteTo(reply, from); err != nil {
			return err
		}
	}
}
