package doctor

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"
)

// signedLetter is mail of one of our own users, signed, with the results above it.
func (c *clinic) signedLetter(above, from string, covers ...string) string {
	c.t.Helper()
	if c.signs == nil {
		_, key, err := ed25519.GenerateKey(nil)
		done(c.t, err)
		c.signs = key
	}
	if covers == nil {
		covers = []string{"From", "To", "Sender", "Subject", "Date", "Message-ID"}
	}
	var out bytes.Buffer
	done(c.t, dkim.Sign(&out, strings.NewReader("From: "+from+"\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <"+from+">\r\nSubject: Hello\r\n"+
		"Date: Mon, 2 Nov 2026 09:00:00 +0000\r\n\r\nI am here.\r\n"),
		&dkim.SignOptions{Domain: "helpdesk.test", Selector: "mail", Signer: c.signs, HeaderKeys: covers}))
	return above + received + out.String()
}

// finds has the name server of the configuration find the key of these.
func (c *clinic) finds() {
	c.t.Helper()
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(c.signs.Public().(ed25519.PublicKey))
	c.edit("[[mailbox]]", "resolver = \""+keyServer(c.t, record)+"\"\n[[mailbox]]")
}

// keyServer is a name server that has one record for each key.
func keyServer(t *testing.T, record string) (addr string) {
	t.Helper()
	return nameServerOf(t, func(conn net.PacketConn) error { return answers(conn, dnsmessage.RCodeSuccess, record) })
}

// named: the server that is believed is called otherwise, or others prove more.
func named() []broken {
	const (
		trust  = "mailbox helpdesk: trust"
		ours   = "mailbox helpdesk: mail from reviewers at helpdesk.test"
		wrong  = "mail.helpdesk.test"
		silent = "Authentication-Results: mx.helpdesk.test; spf=none smtp.mailfrom=helpdesk.test\r\n"
		change = `change authserv_id = "mail.helpdesk.test" under [mailbox.trust] of "helpdesk" to authserv_id = "mx.helpdesk.test"`
	)
	believes := func(c *clinic, dkim bool) {
		c.edit(`"mx.helpdesk.test"`, `"`+wrong+`"`)
		if dkim {
			c.edit("authserv_id =", "dkim = true\nauthserv_id =")
		}
	}
	site := strings.ReplaceAll(results+received+"From: jo@pharmacy.test\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <2@pharmacy.test>\r\n"+
		"Subject: Hello\r\n\r\nI am here.\r\n", "=helpdesk.test", "=pharmacy.test")
	return []broken{
		{name: "a wrong name where signatures prove some", breaks: func(c *clinic) {
			c.mail = []string{site, c.signedLetter(silent, "asha@helpdesk.test")}
			c.finds()
			believes(c, true)
		}, line: trust, found: `are proven (authserv_id = mail.helpdesk.test, dkim); 2 would be by authserv_id = "mx.helpdesk.test"; ` +
			"no message has Authentication-Results of mail.helpdesk.test at its top, but of mx.helpdesk.test (2)", mend: change},
		{name: "a wrong name where signatures would prove more", breaks: func(c *clinic) {
			c.mail = []string{site, c.signedLetter(silent, "asha@helpdesk.test"), c.signedLetter(silent, "ben@helpdesk.test")}
			c.finds()
			believes(c, false)
		}, line: trust, found: `2 would be by dkim = true; 1 would be by authserv_id = "mx.helpdesk.test"; no message`, mend: change, also: []string{ours}},
		{name: "a wrong name, and another that senders wrote", breaks: func(c *clinic) {
			c.mail = []string{c.signedLetter("", "asha@helpdesk.test")}
			c.mail[0] = strings.Replace(c.mail[0], received, received+"Authentication-Results: evil.test; spf=pass smtp.mailfrom=helpdesk.test\r\n", 1)
			c.finds()
			believes(c, true)
		}, line: trust, found: "no message has Authentication-Results of mail.helpdesk.test at its top, or of any other server",
			mend: "Have somebody outside write to mfa@helpdesk.test", works: true},
		{name: "signatures would prove more", breaks: func(c *clinic) {
			c.mail = append(c.mail, c.signedLetter(silent, "desk@helpdesk.test"))
			c.finds()
		}, state: OK, line: trust, works: true,
			found: "the senders of 1 of the newest 2 messages are proven (authserv_id = mx.helpdesk.test); 2 would be by dkim = true"},
		{name: "a key that the verifier alone does not find", breaks: func(c *clinic) {
			c.mail = []string{c.signedLetter("Authentication-Results: mx.helpdesk.test;\r\n\tdkim=fail reason=\"key not found in DNS\" (0-bit key; unprotected) "+
				"header.d=helpdesk.test header.i=@helpdesk.test header.s=mail header.b=c2lnbmF0\r\n", "asha@helpdesk.test")}
			c.finds()
		}, line: trust, found: "dkim=fail for helpdesk.test (key not found in dns)", also: []string{ours},
			mend: "finds the key, but the one that your verifier (mx.helpdesk.test) asks does not. Have it ask one that does. OpenDKIM passes over"},
		{name: "signed well since", breaks: func(c *clinic) {
			c.mail = append(c.mail, passedDKIM+strings.ReplaceAll(asha("from:to:subject:date:message-id"), "asha@", "desk@"),
				passedDKIM+strings.ReplaceAll(asha("from:to:sender:subject:date:message-id"), "asha@", "desk@"))
		}, state: OK, line: trust, works: true, found: "the senders of 3 of the newest 3 messages are proven (authserv_id = mx.helpdesk.test)"},
		{name: "signed by a test of doctor's alone", breaks: func(c *clinic) {
			c.mail = append(c.mail, passedDKIM+strings.NewReplacer("asha@", "mfa@", "1@helpdesk.test", unique()).Replace(
				asha("from:to:subject:date:message-id")))
		}, state: OK, line: trust, works: true, found: "the senders of 1 of the newest 1 messages are proven (authserv_id = mx.helpdesk.test)"},
	}
}

// TestNoMailButOwn: where doctor sends a message itself it does not say that it might.
func TestNoMailButOwn(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	c.mail, c.around.Send = nil, true
	for _, l := range c.examined() {
		if l.Check == "mailbox helpdesk: trust" && (l.State != NotTried || strings.Contains(l.Mend, "--send")) {
			t.Errorf("%+v", l)
		}
	}
}
