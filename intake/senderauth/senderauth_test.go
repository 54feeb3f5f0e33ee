package senderauth_test

import (
	"context"
	"strings"
	"testing"

	"mfabot/intake/senderauth"
	"mfabot/parser"
)

func TestJudge(t *testing.T) {
	const border = "Received: from mail.site.test (mail.site.test [192.0.2.7]) by mx.helpdesk.test (Postfix) with ESMTP id 1"
	const lmtp = "Received: from mx.helpdesk.test by mx.helpdesk.test with LMTP id 2"
	byServer := senderauth.Trust{AuthservID: "mx.helpdesk.test"}
	for _, c := range []struct {
		name   string
		trust  senderauth.Trust
		from   string
		header []string
		want   bool
	}{
		{"nothing trusted", senderauth.Trust{}, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", border}, false},
		{"dmarc", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", border}, true},
		{"after local delivery", byServer, "a@site.test", []string{lmtp, "Authentication-Results: mx.helpdesk.test; dkim=pass header.d=mail.site.test", border}, true},
		{"dmarc of the attacker's domain", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=evil.test", border}, false},
		{"dkim of another organisation", byServer, "a@site.co.uk", []string{"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=evil.co.uk", border}, false},
		{"spf aligned", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=bounce@mail.site.test", border}, true},
		{"failed", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=site.test", border}, false},
		{"below the hop from outside", byServer, "a@site.test", []string{border, "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test"}, false},
		{"only the topmost", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", border}, false},
		{"of another server", byServer, "a@site.test", []string{"Authentication-Results: mx.evil.test; dmarc=pass header.from=site.test", border}, false},
		{"pass within a comment", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail (; dmarc=pass header.from=site.test) header.from=site.test", border}, false},
		{"pass within a quoted string", byServer, "a@site.test", []string{`Authentication-Results: mx.helpdesk.test; spf=fail reason="; dmarc=pass header.from=site.test" smtp.mailfrom=x@evil.test`, border}, false},
		{"dmarc=fail although spf is aligned", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=site.test; spf=pass smtp.mailfrom=x@news.site.test", border}, false},
		{"two results of dmarc", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=evil.test; dmarc=pass header.from=site.test", border}, false},
		{"an identity that poses as a property", byServer, "a@site.test", []string{
			"Authentication-Results: mx.helpdesk.test; dkim=pass (2048-bit key) header.d=evil.test header.i=x header.d=site.test y@evil.test header.a=rsa-sha256 header.s=s header.b=OSe+oEoO; dkim-atps=neutral", border}, false},
		{"an identity that poses as a result", byServer, "a@site.test", []string{
			"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=evil.test header.i=x; dmarc=pass header.from=site.test y@evil.test header.a=rsa-sha256", border}, false},
		{"an identity that poses as well-formed results", byServer, "a@site.test", []string{
			"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=evil.test header.i=x; dmarc=pass header.from=site.test; dkim=pass header.i=@evil.test header.a=rsa-sha256", border,
			"DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=s; i=x=3B=20dmarc=3Dpass=20header.from=3Dsite.test=3B=20dkim=3Dpass=20header.i=3D@evil.test; h=From; b=x"}, false},
		{"an identity as they are", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dkim=pass header.d=site.test header.i=@site.test header.b=\"a/b=\"", border,
			"DKIM-Signature: v=1; a=rsa-sha256; d=site.test; s=s; i=@site.test; h=From; b=x", "Return-Path: <bounce+a=b@site.test>"}, true},
		{"a blank that is none", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=a\u00a0smtp.mailfrom=site.test\u00a0b=@evil.test", border}, false},
		{"a hop that says it is local", byServer, "a@site.test", []string{"Received: from x\u00a0with\u00a0lmtp (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test"}, false},
		{"a name that says it is local", byServer, "a@site.test", []string{"Received: from with lmtp (evil [192.0.2.9]) by mx.helpdesk.test (Postfix) with ESMTP id 3",
			"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test"}, false},
		{"two Content-Type fields", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", border,
			"Content-Type: multipart/mixed; boundary=x", "Content-Type: text/plain"}, false},
		{"three fields of one server", byServer, "a@site.test", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass (p=reject dis=none) header.from=site.test",
			"Authentication-Results: mx.helpdesk.test; spf=pass smtp.mailfrom=a@site.test", "Authentication-Results: mx.helpdesk.test;\tdkim=pass (2048-bit key) header.d=site.test", border}, true},
		{"no author", byServer, "", []string{"Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=site.test", border}, false},
		{"inside the tenant", senderauth.Trust{ExchangeOnline: true}, "a@site.test", []string{"X-MS-Exchange-Organization-AuthAs: Internal"}, true},
		{"outside the tenant", senderauth.Trust{ExchangeOnline: true}, "a@site.test", []string{"X-MS-Exchange-Organization-AuthAs: Anonymous"}, false},
		{"two marks", senderauth.Trust{ExchangeOnline: true}, "a@site.test", []string{"X-MS-Exchange-Organization-AuthAs: Anonymous", "X-MS-Exchange-Organization-AuthAs: Internal"}, false},
		{"believed", senderauth.Trust{AllowUnauthenticated: true}, "a@site.test", nil, true},
		{"believed without an author", senderauth.Trust{AllowUnauthenticated: true}, "", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &parser.Message{From: c.from}
			for _, line := range c.header {
				name, value, _ := strings.Cut(line, ": ")
				m.Header = append(m.Header, parser.Field{Name: name, Value: value})
			}
			v, err := senderauth.New(c.trust).Judge(context.Background(), m, nil)
			if err != nil || v.Authentic != c.want || len(v.Checks) == 0 {
				t.Errorf("authentic %v, want %v; checks %v", v.Authentic, c.want, v.Checks)
			}
		})
	}
}
